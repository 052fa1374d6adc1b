// SPDX-License-Identifier: MIT
/* Intrusive singly linked tail queue that is valid before any constructor has run.
 *
 * A zero-filled object is an empty queue, so a queue at namespace scope is usable from the
 * very first constructor of the program. That is why this is not a Boost.Intrusive list: its
 * header points at itself and must be constructed first. */
#pragma once

template <typename T>
struct TailQueue {
    T *first = nullptr;
    T *last = nullptr;

    constexpr bool empty() const { return first == nullptr; }

    // Appends `item`, which must not be in any queue, and returns it; order of insertion is order
    // of iteration.
    T *push_back(T *item) {
        item->next = nullptr;
        (last ? last->next : first) = item;
        last = item;
        return item;
    }

    // Detaches and returns the first item, or nullptr.
    T *pop_front() {
        T *item = first;
        if (item) {
            first = item->next;
            if (!first) last = nullptr;
        }
        return item;
    }
};
