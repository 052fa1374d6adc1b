// SPDX-License-Identifier: MIT
/* util/module: lists, phases, and what a constructor may rely on. */
#include <string>

#include <gtest/gtest.h>

#include "util/module.h"

static std::string calls;

static void first() { calls += "1"; }
static void second() { calls += "2"; }
static void registers_third() {
    calls += "r";
    register_module_init(second, MODULE_INIT_TRACE);
}

// Saves and empties a phase's list, and puts it back.
struct EmptyPhase {
    module_init_type type;
    TailQueue<ModuleEntry> list;
    bool done;

    explicit EmptyPhase(module_init_type t)
        : type(t), list(init_type_list[t]), done(modules_init_done[t]) {
        init_type_list[t] = {};
        modules_init_done[t] = false;
        calls.clear();
    }
    ~EmptyPhase() {
        while (ModuleEntry *e = init_type_list[type].pop_front()) delete e;
        init_type_list[type] = list;
        modules_init_done[type] = done;
    }
};

TEST(Module, CallsInOrderOfRegistrationAndOnce) {
    EmptyPhase phase(MODULE_INIT_TRACE);
    register_module_init(first, MODULE_INIT_TRACE);
    register_module_init(second, MODULE_INIT_TRACE);
    module_call_init(MODULE_INIT_TRACE);
    EXPECT_EQ(calls, "12");
    module_call_init(MODULE_INIT_TRACE);
    EXPECT_EQ(calls, "12") << "a second call of a phase must do nothing";
}

TEST(Module, AnEntryKnowsItsPhase) {
    EmptyPhase phase(MODULE_INIT_QAPI);
    register_module_init(first, MODULE_INIT_QAPI);
    ModuleEntry *e = init_type_list[MODULE_INIT_QAPI].first;
    ASSERT_NE(e, nullptr);
    EXPECT_EQ(e->init, first);
    EXPECT_EQ(e->type, MODULE_INIT_QAPI);
    EXPECT_EQ(e->next, nullptr);
}

TEST(Module, WhatRegistersDuringAPhaseRunsInIt) {
    EmptyPhase phase(MODULE_INIT_TRACE);
    register_module_init(registers_third, MODULE_INIT_TRACE);
    module_call_init(MODULE_INIT_TRACE);
    EXPECT_EQ(calls, "r2");
}

TEST(Module, ADsoEntryWaitsOnItsOwnList) {
    ASSERT_TRUE(dso_init_list.empty());
    calls.clear();
    register_dso_module_init(first, MODULE_INIT_BLOCK);
    ModuleEntry *e = dso_init_list.pop_front();
    ASSERT_NE(e, nullptr);
    EXPECT_EQ(e->type, MODULE_INIT_BLOCK);
    EXPECT_EQ(calls, "") << "nothing runs at registration";
    EXPECT_TRUE(dso_init_list.empty());
    delete e;
}

TEST(Module, AMissingLibraryIsSilent) {
    qemu_init_exec_dir("/nowhere/vl");
    testing::internal::CaptureStderr();
    EXPECT_FALSE(module_load_one("block-", "no-such-library"));
    EXPECT_FALSE(module_load_one("block-", "no-such-library"));
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(TailQueue, PopsInOrderAndIsUsableAgain) {
    TailQueue<ModuleEntry> queue;
    ModuleEntry a{ first, nullptr, MODULE_INIT_QOM }, b{ second, nullptr, MODULE_INIT_QOM };
    EXPECT_EQ(queue.pop_front(), nullptr);
    queue.push_back(&a);
    queue.push_back(&b);
    EXPECT_EQ(queue.pop_front(), &a);
    EXPECT_EQ(queue.pop_front(), &b);
    EXPECT_TRUE(queue.empty());
    queue.push_back(&b);
    EXPECT_EQ(queue.first, &b);
    EXPECT_EQ(queue.last, &b);
}
