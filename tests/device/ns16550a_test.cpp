// SPDX-License-Identifier: MIT
/* The serial port: both ways, FIFO, each cause of an interrupt, loopback. */
#include "tests/device/chip.h"
#include "util/chardev.h"
#include "util/timer.h"

// A terminal: what the guest sent, and what is still to be given to it.
struct Terminal : Chardev {
    std::string sent, waiting;
    size_t room = SIZE_MAX; // for so many bytes more

    int write(const uint8_t *buf, int size) override {
        size_t n = std::min(room, static_cast<size_t>(size));
        sent.append(reinterpret_cast<const char *>(buf), n);
        room -= room == SIZE_MAX ? 0 : n;
        return static_cast<int>(n);
    }
    void accept_input() override {
        while (!waiting.empty()) {
            int room = qemu_chr_be_can_write(this);
            if (room <= 0) return;
            std::string now = waiting.substr(0, static_cast<size_t>(room));
            waiting.erase(0, now.size());
            qemu_chr_be_write(this, reinterpret_cast<const uint8_t *>(now.data()),
                              static_cast<int>(now.size()));
        }
    }
    void type(const std::string &text) {
        waiting += text;
        accept_input();
    }
};

static Chardev *open_terminal(const QemuOpts &, Error **) { return new Terminal; }
static const ChardevDriver terminal_driver = { "test-terminal", open_terminal };

static Terminal *new_terminal(const std::string &label) {
    if (chardev_drivers().empty() || chardev_drivers().back() != &terminal_driver) {
        chardev_register(&terminal_driver);
    }
    return static_cast<Terminal *>(qemu_chr_new(label, "test-terminal", nullptr));
}

static constexpr hwaddr RBR = 0, IER = 1, IIR = 2, LCR = 3, MCR = 4, LSR = 5, MSR = 6;
static constexpr hwaddr THR = RBR, FCR = IIR;

// Closes what new_terminal opened, once the chip is gone.
struct CloseTerminals {
    ~CloseTerminals() { qemu_chr_cleanup(); }
};

class Uart : public testing::Test {
protected:
    CloseTerminals at_end;
    Terminal *term = new_terminal("tty");
    Chip uart{ "ns16550a", { { "chardev", "tty" } } };

    uint8_t in(hwaddr reg) { return static_cast<uint8_t>(uart.read(reg, 1)); }
    void out(hwaddr reg, uint8_t value) { uart.write(reg, value, 1); }
    static void four_characters() { qemu_clock_advance_virtual(NANOSECONDS_PER_SECOND / 100); }
};

TEST_F(Uart, IsIdleAfterReset) {
    EXPECT_EQ(in(IER), 0);
    EXPECT_EQ(in(IIR), 0x01);
    EXPECT_EQ(in(LSR), 0x60);
    EXPECT_EQ(in(MSR), 0xb0);
    EXPECT_EQ(in(RBR), 0);
    EXPECT_FALSE(uart.irq());
}

TEST_F(Uart, SendsAtOnce) {
    for (char c : std::string("hello")) out(THR, static_cast<uint8_t>(c));
    EXPECT_EQ(term->sent, "hello");
    EXPECT_EQ(in(LSR), 0x60);
}

TEST_F(Uart, ReceivesByteByByteWithoutFifo) {
    term->type("ab");
    EXPECT_EQ(in(LSR), 0x61);
    EXPECT_EQ(in(RBR), 'a');
    EXPECT_EQ(in(RBR), 'b');
    EXPECT_EQ(in(LSR), 0x60);
}

TEST_F(Uart, FifoHoldsSixteen) {
    out(FCR, 0x01);
    term->type("0123456789abcdefgh");
    EXPECT_EQ(term->waiting, "gh");
    std::string got;
    while (in(LSR)&1) got += static_cast<char>(in(RBR));
    EXPECT_EQ(got, "0123456789abcdefgh");
}

TEST_F(Uart, ReceiveInterruptFollowsTheTriggerLevel) {
    out(FCR, 0x81); // 8 bytes
    out(IER, 0x01);
    term->type("1234567");
    EXPECT_FALSE(uart.irq());
    term->type("8");
    EXPECT_TRUE(uart.irq());
    EXPECT_EQ(in(IIR), 0xc4);
    in(RBR);
    EXPECT_FALSE(uart.irq());
}

TEST_F(Uart, TimeoutTellsOfBytesBelowTheLevel) {
    out(FCR, 0xc1);
    out(IER, 0x01);
    term->type("x");
    EXPECT_FALSE(uart.irq());
    four_characters();
    EXPECT_TRUE(uart.irq());
    EXPECT_EQ(in(IIR), 0xcc);
    EXPECT_EQ(in(RBR), 'x');
    EXPECT_FALSE(uart.irq());
    EXPECT_EQ(in(IIR), 0xc1);
}

TEST_F(Uart, TimeoutDependsOnTheSpeed) {
    out(LCR, 0x83);
    out(0, 0);
    out(1, 1); // divisor 256: 900 Bd
    out(LCR, 0x03);
    out(FCR, 0xc1);
    out(IER, 0x01);
    term->type("x");
    four_characters();
    EXPECT_FALSE(uart.irq());
    qemu_clock_advance_virtual(4 * 10 * NANOSECONDS_PER_SECOND / 900);
    EXPECT_TRUE(uart.irq());
}

TEST_F(Uart, TransmitterInterrupt) {
    out(IER, 0x02); // empty already: at once
    EXPECT_TRUE(uart.irq());
    EXPECT_EQ(in(IIR), 0x02);
    EXPECT_FALSE(uart.irq()); // reading it was the answer
    EXPECT_EQ(in(IIR), 0x01);
    out(THR, 'x');
    EXPECT_TRUE(uart.irq());
    out(IER, 0x00);
    EXPECT_FALSE(uart.irq());
}

TEST_F(Uart, CausesHavePriorities) {
    out(IER, 0x0f);
    out(MCR, 0x10); // the modem's lines fall
    out(THR, 'z');  // looped back: received, and the transmitter is empty
    EXPECT_EQ(in(IIR), 0x04);
    EXPECT_EQ(in(RBR), 'z');
    EXPECT_EQ(in(IIR), 0x02);
    EXPECT_EQ(in(IIR), 0x00);
    EXPECT_EQ(in(MSR), 0x0b);
    EXPECT_EQ(in(IIR), 0x01);
    EXPECT_FALSE(uart.irq());
}

TEST_F(Uart, LoopbackKeepsTheWorldOut) {
    out(MCR, 0x10);
    term->type("later");
    out(THR, 'n');
    EXPECT_EQ(term->sent, "");
    EXPECT_EQ(in(RBR), 'n');
    EXPECT_EQ(in(LSR), 0x60);
    out(MCR, 0x00);
    EXPECT_EQ(in(RBR), 'l');
}

TEST_F(Uart, LoopbackTurnsTheModemsLines) {
    // output: DTR, RTS, OUT1, OUT2; input: DSR, CTS, RI, DCD
    for (auto [mcr, msr] :
         { std::pair{ 0x11, 0x20 }, { 0x12, 0x10 }, { 0x14, 0x40 }, { 0x18, 0x80 } }) {
        out(MCR, static_cast<uint8_t>(mcr));
        EXPECT_EQ(in(MSR)&0xf0, msr);
        EXPECT_EQ(in(MSR)&0x0f, 0); // a read clears the changes
    }
    out(MCR, 0x10);
    EXPECT_EQ(in(MSR), 0x08);
    out(MCR, 0x14);
    EXPECT_EQ(in(MSR), 0x40); // RI tells of its end only
    out(MCR, 0x10);
    EXPECT_EQ(in(MSR), 0x04);
}

TEST_F(Uart, OverrunIsALineError) {
    out(IER, 0x04);
    out(MCR, 0x10);
    out(THR, 'a');
    EXPECT_FALSE(uart.irq());
    out(THR, 'b');
    EXPECT_TRUE(uart.irq());
    EXPECT_EQ(in(IIR), 0x06);
    EXPECT_EQ(in(LSR), 0x63);
    EXPECT_FALSE(uart.irq());
    EXPECT_EQ(in(LSR), 0x61);
    EXPECT_EQ(in(RBR), 'b'); // without FIFO the later byte is there
}

TEST_F(Uart, OverrunOfTheFifoLosesTheNewByte) {
    out(FCR, 0x01);
    out(MCR, 0x10);
    for (char c = 'a'; c <= 'q'; c++) out(THR, static_cast<uint8_t>(c));
    EXPECT_EQ(in(LSR)&0x03, 0x03);
    std::string got;
    while (in(LSR)&1) got += static_cast<char>(in(RBR));
    EXPECT_EQ(got, "abcdefghijklmnop");
}

TEST_F(Uart, BreakIsAMarkedZero) {
    out(FCR, 0x01);
    out(IER, 0x04);
    term->type("a");
    qemu_chr_be_event(term, CHR_EVENT_BREAK);
    EXPECT_EQ(in(LSR), 0xe1); // somewhere in the FIFO
    EXPECT_FALSE(uart.irq());
    EXPECT_EQ(in(RBR), 'a');
    EXPECT_TRUE(uart.irq());
    EXPECT_EQ(in(LSR), 0xf1);
    EXPECT_EQ(in(LSR), 0x61);
    EXPECT_EQ(in(RBR), 0);
}

TEST_F(Uart, DivisorHidesBehindDlab) {
    out(LCR, 0x83);
    out(0, 0x34);
    out(1, 0x12);
    EXPECT_EQ(in(0), 0x34);
    EXPECT_EQ(in(1), 0x12);
    out(LCR, 0x03);
    EXPECT_EQ(in(IER), 0);
    EXPECT_EQ(term->sent, "");
    EXPECT_EQ(in(LCR), 0x03);
}

TEST_F(Uart, FifoControlClears) {
    out(FCR, 0x01);
    term->type("abc");
    out(FCR, 0x03);
    EXPECT_EQ(in(LSR), 0x60);
    term->type("d");
    out(FCR, 0x00); // off: cleared too
    EXPECT_EQ(in(LSR), 0x60);
    EXPECT_EQ(in(IIR), 0x01);
}

TEST_F(Uart, ResetForgetsWhatItReceived) {
    out(FCR, 0x01);
    out(IER, 0x0f);
    term->type("abc");
    four_characters();
    EXPECT_TRUE(uart.irq());
    uart.reset();
    EXPECT_FALSE(uart.irq());
    EXPECT_EQ(in(LSR), 0x60);
    EXPECT_EQ(in(IIR), 0x01);
}

TEST(UartAlone, WorksWithoutAChardev) {
    Chip uart("ns16550a");
    uart.write(THR, 'x', 1);
    EXPECT_EQ(uart.read(LSR, 1), 0x60u);
    EXPECT_EQ(realize_error("ns16550a", { { "clock-frequency", "0" } }),
              "ns16550a: clock-frequency must not be 0");
}

TEST_F(Uart, WaitsForASlowHost) {
    out(FCR, 1);
    out(IER, 2);
    term->room = 1;
    for (int i = 0; i < 20; i++) out(THR, static_cast<uint8_t>('a' + i));
    EXPECT_EQ(term->sent, "a");
    EXPECT_EQ(in(LSR), 0); // sixteen wait, three are lost
    EXPECT_EQ(in(IIR)&15, 1);
    term->room = 4;
    qemu_chr_be_writable(term);
    EXPECT_EQ(term->sent, "abcde");
    EXPECT_EQ(in(LSR), 0);
    EXPECT_EQ(in(IIR)&15, 1);
    term->room = SIZE_MAX;
    qemu_chr_be_writable(term);
    EXPECT_EQ(term->sent, "abcdefghijklmnopq");
    EXPECT_EQ(in(LSR), 0x60);
    EXPECT_EQ(in(IIR)&15, 2); // it is empty again
}

TEST_F(Uart, ForgetsWhatASlowHostDidNotTake) {
    out(FCR, 1);
    term->room = 0;
    out(THR, 'a');
    EXPECT_EQ(in(LSR), 0);
    out(FCR, 1 | 4);
    EXPECT_EQ(in(LSR), 0x60);
    term->room = SIZE_MAX;
    qemu_chr_be_writable(term);
    EXPECT_EQ(term->sent, "");
}
