// SPDX-License-Identifier: MIT
/* A line that is being typed: libedit's keys, history and completion, on any stream of bytes.
 *
 * libedit asks for a key and waits; here keys come one by one, from the main loop, which nobody may
 * hold up. So it runs on a stack of its own, and that is left whenever it asks for a key which has
 * not come yet. Only the main loop's thread may use an editor. */
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <ucontext.h>

struct editline;
struct history;

class LineEditor {
public:
    // What it is used for, and by whom.
    struct Client {
        std::string prompt;
        void (*print)(void *opaque, const std::string &text);
        // What may stand in the place of the last word of `line`; the words begin as that does. One
        // that ends with '/' or '=' goes on.
        std::vector<std::string> (*complete)(void *opaque, const std::string &line);
        void *opaque;
        int terminal = -1; // a descriptor of the terminal at the other end, which has a width
    };

    explicit LineEditor(Client client);
    ~LineEditor();
    LineEditor(const LineEditor &) = delete;
    LineEditor &operator=(const LineEditor &) = delete;

    // Shows the prompt. From here on there is a line to type.
    void start();
    // Takes a key; between a line's end and start() it is lost. Returns the line that it ends.
    std::optional<std::string> feed(uint8_t byte);
    // Forgets what has been typed.
    void stop();

private:
    static void begin();
    static int get_key(editline *el, wchar_t *key);
    static unsigned char complete_key(editline *el, int key);
    static char *prompt_of(editline *el);
    static ssize_t write_out(void *cookie, const char *data, size_t size);
    static LineEditor &of(editline *el);

    void make_terminal();
    void make_stack();
    void make_editor();
    void bind_keys();
    void run();
    void enter();
    void leave();
    void follow_size();
    bool is_too_long() const;
    void remember(const std::string &line);
    void list(const std::vector<std::string> &words);

    Client client_;
    int master_ = -1, slave_ = -1;
    FILE *out_ = nullptr, *nowhere_ = nullptr;
    editline *el_ = nullptr;
    struct history *history_ = nullptr;
    void *stack_ = nullptr;
    ucontext_t inside_, outside_;
    bool editing_ = false;
    bool stopping_ = false;
    std::optional<uint8_t> byte_;     // that has come and was not asked for yet
    std::optional<std::string> line_; // that has been ended
};
