// SPDX-License-Identifier: MIT
/* The tests are the main thread: they have the big lock, as `main` has. */
#include <gtest/gtest.h>

#include "util/main-loop.h"

struct BigLock : testing::Environment {
    void SetUp() override { bql_lock(); }
    void TearDown() override { bql_unlock(); }
};

[[maybe_unused]] static auto *const environment = testing::AddGlobalTestEnvironment(new BigLock);
