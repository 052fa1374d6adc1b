// SPDX-License-Identifier: MIT
/* The line editor. See vl/line-editor.h.
 *
 * libedit edits on terminals only. It gets one of its own, whose other end nobody reads: there it
 * learns the width, and changes what settings it likes. Its keys come by get_key, what it prints
 * goes through write_out, as escape sequences that each terminal since the VT100 knows.
 *
 * Spec:    editline(3), editline(7)
 * Missing: ~/.editrc; keys that could make a line of any length (counts) or run a command of
 *          libedit's are not bound
 * In gdb:  b LineEditor::get_key     b LineEditor::complete_key */
#include "vl/line-editor.h"

#include <algorithm>
#include <clocale>
#include <cstdlib>
#include <cstring>
#include <cwchar>
#include <utility>

#include <fcntl.h>
#include <histedit.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/error.h"

static constexpr size_t MAX_LINE = 4096;
static constexpr int MAX_HISTORY = 64;
static constexpr int MAX_FUNCTION_KEY = 34; // "ESC [ 34 ~" is F20
static constexpr size_t STACK_SIZE = 256 << 10, GUARD_SIZE = 4096;
// Who has no terminal that we know of has lines as long as they like to be.
static constexpr winsize UNKNOWN_SIZE = {
    .ws_row = 8, .ws_col = 2048, .ws_xpixel = 0, .ws_ypixel = 0
};

// --- the two stacks

static LineEditor *beginning; // makecontext hands over numbers only

void LineEditor::begin() { beginning->run(); }

void LineEditor::enter() {
    beginning = this;
    swapcontext(&outside_, &inside_);
}

void LineEditor::leave() { swapcontext(&inside_, &outside_); }

void LineEditor::make_stack() {
    stack_ = mmap(nullptr, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack_ == MAP_FAILED) abort();
    mprotect(stack_, GUARD_SIZE, PROT_NONE);
    getcontext(&inside_);
    inside_.uc_stack.ss_sp = stack_;
    inside_.uc_stack.ss_size = STACK_SIZE;
    inside_.uc_link = nullptr;
    makecontext(&inside_, begin, 0);
}

// On the editor's stack, for ever: a line between start() and its end.
void LineEditor::run() {
    for (;;) {
        int size = 0;
        const char *text = el_gets(el_, &size);
        if (text && !stopping_) {
            line_ = std::string(text, static_cast<size_t>(size));
            while (line_->ends_with('\n') || line_->ends_with('\r')) line_->pop_back();
        }
        editing_ = false;
        leave();
    }
}

// --- what libedit asks for

LineEditor &LineEditor::of(editline *el) {
    void *self;
    el_get(el, EL_CLIENTDATA, &self);
    return *static_cast<LineEditor *>(self);
}

char *LineEditor::prompt_of(editline *el) { return of(el).client_.prompt.data(); }

bool LineEditor::is_too_long() const {
    const LineInfoW *info = el_wline(el_);
    return static_cast<size_t>(info->lastchar - info->buffer) > MAX_LINE;
}

// 1: there is a key; 0: there will be none, and the line ends without being one.
int LineEditor::get_key(editline *el, wchar_t *key) {
    LineEditor &self = of(el);
    mbstate_t state = {};
    for (;;) {
        while (!self.byte_ && !self.stopping_) self.leave();
        if (self.stopping_ || self.is_too_long()) return 0;
        auto byte = static_cast<char>(*self.byte_);
        self.byte_.reset();
        size_t n = mbrtowc(key, &byte, 1, &state);
        if (n == 0) *key = 0;
        if (n <= 1) return 1;
        if (n == static_cast<size_t>(-1)) state = {}; // no character at all
    }
}

ssize_t LineEditor::write_out(void *cookie, const char *data, size_t size) {
    auto *self = static_cast<LineEditor *>(cookie);
    self->client_.print(self->client_.opaque, std::string(data, size));
    return static_cast<ssize_t>(size);
}

// --- completion

static size_t common_length(const std::vector<std::string> &words) {
    size_t n = words[0].size();
    for (const std::string &word : words) {
        auto [end, _] = std::mismatch(word.begin(), word.end(), words[0].begin(), words[0].end());
        n = std::min(n, static_cast<size_t>(end - word.begin()));
    }
    return n;
}

// In columns, below the line.
void LineEditor::list(const std::vector<std::string> &words) {
    size_t width = 10;
    for (const std::string &word : words) width = std::max(width, word.size() + 2);
    winsize size = {};
    bool is_known = ioctl(client_.terminal, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    size_t columns = std::max<size_t>((is_known ? size.ws_col - 1u : 79u) / width, 1);
    for (size_t i = 0; i < words.size(); i++)
        fprintf(out_, "%s%-*s", i % columns == 0 ? "\n" : "", static_cast<int>(width),
                words[i].c_str());
    fputs("\n", out_);
}

unsigned char LineEditor::complete_key(editline *el, int) {
    LineEditor &self = of(el);
    const LineInfo *info = el_line(el);
    std::string line(info->buffer, info->cursor);
    size_t typed = line.size() - (line.find_last_of(" \t") + 1);
    std::vector<std::string> words = self.client_.complete(self.client_.opaque, line);
    if (words.empty()) return CC_ERROR;
    size_t common = common_length(words);
    std::string rest = words[0].substr(std::min(typed, common), common - std::min(typed, common));
    bool is_done = words.size() == 1 && !words[0].ends_with('/') && !words[0].ends_with('=');
    if (is_done) rest += ' ';
    if (!rest.empty()) el_insertstr(el, rest.c_str());
    if (words.size() == 1) return CC_REFRESH;
    self.list(words);
    return CC_REDISPLAY;
}

// --- making it

// Without one (there may be none left) lines are read as they come, without echo.
void LineEditor::make_terminal() {
    master_ = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    char name[64];
    if (master_ < 0 || grantpt(master_) || unlockpt(master_) ||
        ptsname_r(master_, name, sizeof name))
        return;
    slave_ = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

// Beside those of editline(7) in its Emacs mode.
static const struct {
    const char *key, *does;
} keys[] = {
    { "\t", "vl-complete" },
    { "^@", "ed-unassigned" }, // what terminals say for: there is no such key
    { "^C", "ed-start-over" },
    { "^D", "ed-delete-next-char" },
    { "^R", "em-inc-search-prev" },
    { "^S", "em-inc-search-next" },
    { "^W", "ed-delete-prev-word" },
    { "^Z", "ed-unassigned" },
    { "\\e[1~", "ed-move-to-beg" },
    { "\\e[3~", "ed-delete-next-char" },
    { "\\e[4~", "ed-move-to-end" },
    { "\\e[1;5C", "em-next-word" },
    { "\\e[1;5D", "ed-prev-word" },
    { "\\e[Z", "ed-unassigned" },
    { "\\ex", "ed-unassigned" }, // a command of libedit's
    { "\\eX", "ed-unassigned" },
};

void LineEditor::bind_keys() {
    // Wide, since the names are kept as they are: of narrow ones libedit keeps copies, for ever.
    el_wset(el_, EL_ADDFN, L"vl-complete", L"Completes the word", complete_key);
    for (int n = 1; n <= MAX_FUNCTION_KEY; n++) // what nobody has a use for
        el_set(el_, EL_BIND, format_string("\\e[%d~", n).c_str(), "ed-unassigned", nullptr);
    for (const auto &row : keys) el_set(el_, EL_BIND, row.key, row.does, nullptr);
    for (const char *count = "-0123456789"; *count; count++) {
        char key[] = { '\\', 'e', *count, '\0' };
        el_set(el_, EL_BIND, key, "ed-unassigned", nullptr);
    }
}

void LineEditor::make_editor() {
    el_ = el_init_fd("vl", out_, out_, nowhere_, slave_, slave_, slave_);
    history_ = history_init();
    if (!el_ || !history_) abort();
    HistEvent event;
    ::history(history_, &event, H_SETSIZE, MAX_HISTORY);
    el_set(el_, EL_CLIENTDATA, this);
    el_set(el_, EL_TERMINAL, "xterm");
    el_set(el_, EL_EDITOR, "emacs");
    el_set(el_, EL_EDITMODE, 1);
    el_set(el_, EL_PROMPT, prompt_of);
    el_set(el_, EL_HIST, ::history, history_);
    el_set(el_, EL_GETCFN, get_key);
    bind_keys();
}

LineEditor::LineEditor(Client client) : client_(std::move(client)) {
    setlocale(LC_CTYPE, "C.UTF-8"); // what has been typed is UTF-8, wherever it comes from
    make_terminal();
    out_ = fopencookie(this, "w",
                       { .read = nullptr, .write = write_out, .seek = nullptr, .close = nullptr });
    nowhere_ = fopencookie(nullptr, "w", {});
    if (!out_ || !nowhere_) abort();
    follow_size();
    make_editor();
    make_stack();
}

LineEditor::~LineEditor() {
    stop();
    el_end(el_);
    history_end(history_);
    fclose(out_);
    fclose(nowhere_);
    munmap(stack_, STACK_SIZE);
    for (int fd : { slave_, master_ }) {
        if (fd >= 0) close(fd);
    }
}

// --- the monitor's side

// The user may have changed the window.
void LineEditor::follow_size() {
    winsize now = UNKNOWN_SIZE, known = {};
    winsize terminal;
    if (ioctl(client_.terminal, TIOCGWINSZ, &terminal) == 0 && terminal.ws_col > 1) now = terminal;
    if (ioctl(slave_, TIOCGWINSZ, &known) != 0) return;
    if (known.ws_col == now.ws_col && known.ws_row == now.ws_row) return;
    ioctl(slave_, TIOCSWINSZ, &now);
    if (el_) el_resize(el_);
}

void LineEditor::start() {
    if (editing_) return;
    follow_size();
    editing_ = true;
    enter();
}

void LineEditor::stop() {
    if (!editing_) return;
    stopping_ = true;
    enter();
    stopping_ = false;
}

// Once, as the newest.
void LineEditor::remember(const std::string &line) {
    if (line.empty()) return;
    HistEvent event;
    for (int more = ::history(history_, &event, H_FIRST); more >= 0;
         more = ::history(history_, &event, H_NEXT)) {
        if (line != event.str) continue;
        ::history(history_, &event, H_DEL, event.num);
        free(const_cast<char *>(event.str)); // H_DEL alone gives the caller a copy
        break;
    }
    ::history(history_, &event, H_ENTER, line.c_str());
}

std::optional<std::string> LineEditor::feed(uint8_t byte) {
    if (!editing_) return std::nullopt;
    follow_size();
    byte_ = byte;
    enter();
    byte_.reset();
    std::optional<std::string> line = std::exchange(line_, std::nullopt);
    if (line) remember(*line);
    if (!line && !editing_) { // it was too long
        client_.print(client_.opaque, "\n");
        start();
    }
    return line;
}
