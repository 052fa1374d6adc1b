// SPDX-License-Identifier: MIT
/* Error objects, and the one way messages reach the user. See util/error.h. */
#include "util/error.h"
#include "util/trace-events.h"

#include <cassert>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

Error *error_fatal;
Error *error_abort;

std::string format_string_v(const char *fmt, va_list ap) {
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(nullptr, 0, fmt, ap);
    std::string text(n, '\0');
    vsnprintf(text.data(), n + 1, fmt, again);
    va_end(again);
    return text;
}

std::string format_string(const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    std::string text = format_string_v(fmt, ap);
    va_end(ap);
    return text;
}

// --- locations and the sink

static std::string progname = "vl";
static thread_local Location cur_loc;
static thread_local ErrorSink sink_fn;
static thread_local void *sink_opaque;

void error_set_progname(const char *argv0) {
    const char *slash = strrchr(argv0, '/');
    progname = slash ? slash + 1 : argv0;
}

const char *error_progname() { return progname.c_str(); }

const Location &loc_current() { return cur_loc; }

LocationScope::LocationScope(Location loc) : saved_(std::move(cur_loc)) {
    cur_loc = std::move(loc);
}

LocationScope::~LocationScope() { cur_loc = std::move(saved_); }

void error_set_sink(ErrorSink sink, void *opaque) {
    sink_fn = sink;
    sink_opaque = opaque;
}

ErrorSinkScope::ErrorSinkScope(ErrorSink sink, void *opaque)
    : saved_(sink_fn), saved_opaque_(sink_opaque) {
    error_set_sink(sink, opaque);
}

ErrorSinkScope::~ErrorSinkScope() { error_set_sink(saved_, saved_opaque_); }

static void emit(const std::string &text) {
    if (sink_fn) {
        sink_fn(sink_opaque, text.c_str());
    } else {
        fputs(text.c_str(), stderr);
    }
}

// "vl: -drive file=x: " or "vl:file:3: "; nothing for a person who typed a monitor command.
static std::string prefix() {
    if (sink_fn) return {};
    if (!cur_loc.file.empty()) {
        std::string line = cur_loc.line ? ":" + std::to_string(cur_loc.line) : "";
        return progname + ":" + cur_loc.file + line + ": ";
    }
    if (!cur_loc.option.empty()) return progname + ": " + cur_loc.option + ": ";
    return progname + ": ";
}

static void report(const char *kind, const char *fmt, va_list ap) {
    emit(prefix() + kind + format_string_v(fmt, ap) + "\n");
}

void error_report(const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    report("", fmt, ap);
    va_end(ap);
}

void warn_report(const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    report("warning: ", fmt, ap);
    va_end(ap);
}

void info_report(const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    report("info: ", fmt, ap);
    va_end(ap);
}

void error_exit(const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    report("", fmt, ap);
    va_end(ap);
    exit(EXIT_FAILURE);
}

// --- errors

static void error_handle_now(Error **errp, Error *err) {
    if (errp == &error_abort) {
        fprintf(stderr, "Unexpected error in %s() at %s:%d:\n", err->function, err->file,
                err->line);
        error_report_err(err);
        abort();
    }
    if (errp == &error_fatal) {
        error_report_err(err);
        exit(EXIT_FAILURE);
    }
}

void error_setg_internal(Error **errp, const char *file, int line, const char *function,
                         const char *fmt, ...) {
    if (!errp) return;
    assert(*errp == nullptr && "one failure, one error");
    va_list ap;
    va_start(ap, fmt);
    Error *err = new Error{ format_string_v(fmt, ap), {}, file, line, function, cur_loc };
    va_end(ap);
    trace_error_setg(trace_source_file(file), line, err->message.c_str());
    error_handle_now(errp, err);
    *errp = err;
}

void error_prepend(Error **errp, const char *fmt, ...) {
    if (!errp || !*errp) return;
    va_list ap;
    va_start(ap, fmt);
    (*errp)->message.insert(0, format_string_v(fmt, ap));
    va_end(ap);
}

void error_set_class(Error **errp, ErrorClass err_class) {
    if (errp && *errp) (*errp)->err_class = err_class;
}

const char *error_class_name(ErrorClass err_class) {
    static const char *const names[] = { "GenericError", "CommandNotFound", "DeviceNotFound" };
    return names[err_class];
}

void error_append_hint(Error **errp, const char *fmt, ...) {
    if (!errp || !*errp) return;
    va_list ap;
    va_start(ap, fmt);
    (*errp)->hint += format_string_v(fmt, ap);
    va_end(ap);
}

void error_propagate(Error **errp, Error *local) {
    if (!local) return;
    error_handle_now(errp, local);
    if (errp && !*errp) {
        *errp = local;
    } else {
        error_free(local);
    }
}

const char *error_get_pretty(const Error *err) { return err->message.c_str(); }

void error_free(Error *err) { delete err; }

void error_report_err(Error *err) {
    LocationScope born_at(err->loc);
    error_report("%s", err->message.c_str());
    if (!err->hint.empty()) emit(err->hint);
    error_free(err);
}
