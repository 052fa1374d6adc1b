// SPDX-License-Identifier: MIT
/* The big lock (BQL) and one turn of the main loop.
 *
 * Lock order: the big lock first, then any lock inside util. Whoever calls into devices, QOM,
 * the block layer or the monitor holds it. CPU threads run guest code without it. */
#pragma once

#include <condition_variable>
#include <cstdint>

void bql_lock();
bool bql_try_lock(); // false: somebody has it
void bql_unlock();
bool bql_locked(); // by this thread

// Takes the big lock unless this thread has it already.
class BqlGuard {
public:
    BqlGuard() : taken_(!bql_locked()) {
        if (taken_) bql_lock();
    }
    ~BqlGuard() {
        if (taken_) bql_unlock();
    }
    BqlGuard(const BqlGuard &) = delete;
    BqlGuard &operator=(const BqlGuard &) = delete;

private:
    bool taken_;
};

// The big lock as a standard Lockable, for condition variables.
struct BqlLockable {
    void lock() { bql_lock(); }
    void unlock() { bql_unlock(); }
};

// Runs timers, bottom halves and handlers that are ready; waits for one if `blocking`, with the big
// lock released meanwhile.
void main_loop_wait(bool blocking);
