// SPDX-License-Identifier: MIT
/* Runs the programs of tests/isa/programs: each checks itself and says which line failed. Each runs
 * once as fast as it goes and once instruction by instruction: where blocks end must not show. */
#include <gtest/gtest.h>

#include "tests/isa/harness.h"

class Programs : public testing::TestWithParam<const char *> {};

TEST_P(Programs, RunInBlocks) {
    Bench bench;
    bench.load_program(GetParam());
    bench.run_to_result();
    ASSERT_TRUE(bench.finished) << "still running, last check is line " << bench.cpu().x[3] << "\n"
                                << bench.cpu().dump_state();
    EXPECT_EQ(bench.result, 0u) << GetParam() << ".S:" << bench.result << "\n"
                                << bench.cpu().dump_state();
}

TEST_P(Programs, RunInSteps) {
    Bench bench;
    bench.load_program(GetParam());
    for (unsigned n = 0; n < 1'000'000 && !bench.finished; n++) bench.step();
    ASSERT_TRUE(bench.finished) << "still running, last check is line " << bench.cpu().x[3];
    EXPECT_EQ(bench.result, 0u) << GetParam() << ".S:" << bench.result;
}

INSTANTIATE_TEST_SUITE_P(Isa, Programs,
                         testing::Values("rv64i", "m", "a", "c", "memory", "csr", "trap", "sv39",
                                         "pmp", "code", "zb", "zcb", "zacas", "zicbo", "sv48",
                                         "sstc", "fp"),
                         [](const auto &info) { return std::string(info.param); });
