// SPDX-License-Identifier: MIT
/* Errors of the user and of the host, and how they are reported.
 *
 * A function that can fail takes `Error **errp` last and returns a [[nodiscard]] bool or pointer.
 * The caller passes the address of a null Error * to look at the error, &error_fatal to print
 * it and exit with status 1, &error_abort where a failure is our own mistake, or nullptr to
 * ignore it. Every error is born in error_setg_internal(): one breakpoint sees them all. */
#pragma once

#include <string>

// What error_report() puts behind the program's name: nothing, an option as the user typed it
// ("-drive file=x"), or a place in a file ("file:3", without a blank before it, as compilers do).
struct Location {
    std::string option;
    std::string file;
    int line = 0;
};

// What QMP calls the kind of an error.
enum ErrorClass {
    ERROR_CLASS_GENERIC_ERROR,
    ERROR_CLASS_COMMAND_NOT_FOUND,
    ERROR_CLASS_DEVICE_NOT_FOUND
};

struct Error {
    std::string message; // a sentence without a full stop that names the thing
    std::string hint;    // further lines for a person, each ending in '\n', or empty
    const char *file;
    int line;
    const char *function;
    Location loc; // where the user wrote what failed
    ErrorClass err_class = ERROR_CLASS_GENERIC_ERROR;
};

extern Error *error_fatal;
extern Error *error_abort;

#define error_setg(errp, ...) error_setg_internal((errp), __FILE__, __LINE__, __func__, __VA_ARGS__)

void error_setg_internal(Error **errp, const char *file, int line, const char *function,
                         const char *fmt, ...) __attribute__((format(printf, 5, 6)));

// Puts a text in front of *errp's message. Does nothing if there is no error.
void error_prepend(Error **errp, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
// Makes *errp, if there is one, an error of that class.
void error_set_class(Error **errp, ErrorClass err_class);
// "GenericError", ...: QMP's word.
const char *error_class_name(ErrorClass err_class);
// Adds a line to *errp's hint.
void error_append_hint(Error **errp, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
// Hands `local` (may be null) on to `errp`, which takes ownership.
void error_propagate(Error **errp, Error *local);
const char *error_get_pretty(const Error *err);
void error_free(Error *err);
// Prints as error_report() does, with the hint, and frees.
void error_report_err(Error *err);

// "vl: <location>: <text>\n" on standard error (or on the monitor whose command is running).
void error_report(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void warn_report(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void info_report(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
// Like error_report(), and exits with status 1.
[[noreturn]] void error_exit(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

const Location &loc_current();
// Makes `loc` the current location until the end of the scope.
class LocationScope {
public:
    explicit LocationScope(Location loc);
    ~LocationScope();
    LocationScope(const LocationScope &) = delete;
    LocationScope &operator=(const LocationScope &) = delete;

private:
    Location saved_;
};

void error_set_progname(const char *argv0);
const char *error_progname();

// Where error_report() writes while a monitor command runs on this thread; nullptr: stderr.
using ErrorSink = void (*)(void *opaque, const char *text);
void error_set_sink(ErrorSink sink, void *opaque);
// Makes that the sink until the end of the scope: a monitor's command may run another one.
class ErrorSinkScope {
public:
    ErrorSinkScope(ErrorSink sink, void *opaque);
    ~ErrorSinkScope();
    ErrorSinkScope(const ErrorSinkScope &) = delete;
    ErrorSinkScope &operator=(const ErrorSinkScope &) = delete;

private:
    ErrorSink saved_;
    void *saved_opaque_;
};

// vsnprintf into a string.
std::string format_string(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
std::string format_string_v(const char *fmt, __builtin_va_list ap);
