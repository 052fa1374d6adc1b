// SPDX-License-Identifier: MIT
/* Protocols `file` and `host_device`: image locking, so that two processes with one image open find
 * out.
 *
 * The bytes are QEMU's. Byte 100 + n of the file is locked by whoever uses permission n, byte
 * 200 + n by whoever does not share it, n being the permission's bit. All locks are for reading:
 * any number of processes can hold one. A process that wants permission n looks whether anybody
 * holds 200 + n, and one that does not share it, whether anybody holds 100 + n. It takes its own
 * locks first, so of two that come at once at least one sees the other.
 *
 * They are locks of the open file description (fcntl(2), F_OFD_SETLK): they end when it is closed,
 * by a kill -9 too, and not when another descriptor of the file is.
 *
 * In gdb: b raw_set_perm */
#include <cerrno>
#include <cstring>

#include <fcntl.h>

#include "block/raw-posix.h"
#include "block/trace.h"

static constexpr int RAW_LOCK_PERM_BASE = 100, RAW_LOCK_SHARED_BASE = 200;
static constexpr int PERMISSIONS = 4;
static_assert(BLK_PERM_ALL == (1 << PERMISSIONS) - 1);

static struct flock one_byte(int offset, short type) {
    struct flock lock = {};
    lock.l_whence = SEEK_SET;
    lock.l_start = offset;
    lock.l_len = 1;
    lock.l_type = type;
    return lock;
}

static bool lock_byte(int fd, int offset, bool on, Error **errp) {
    struct flock lock = one_byte(offset, on ? F_RDLCK : F_UNLCK);
    if (fcntl(fd, F_OFD_SETLK, &lock) == 0) return true;
    error_setg(errp, "Failed to %s byte %d: %s", on ? "lock" : "unlock", offset, strerror(errno));
    return false;
}

static bool is_locked_by_another(int fd, int offset) {
    struct flock lock = one_byte(offset, F_WRLCK);
    return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

// Locks the bytes of `want` and unlocks the others, of those that `held` says are locked.
static bool apply_lock_bytes(int fd, int base, uint64_t want, uint64_t *held, Error **errp) {
    for (int n = 0; n < PERMISSIONS; n++) {
        uint64_t bit = uint64_t{ 1 } << n;
        if ((want & bit) == (*held & bit)) continue;
        if (!lock_byte(fd, base + n, want & bit, errp)) return false;
        *held ^= bit;
    }
    return true;
}

static bool raw_apply_lock_bytes(BDRVRawState *s, uint64_t perm, uint64_t unshared, Error **errp) {
    return apply_lock_bytes(s->fd, RAW_LOCK_PERM_BASE, perm, &s->locked_perm, errp) &&
           apply_lock_bytes(s->fd, RAW_LOCK_SHARED_BASE, unshared, &s->locked_unshared, errp);
}

static std::string some_names(uint64_t perm) {
    if (perm == 0) return "nothing";
    return perm == BLK_PERM_ALL ? "all" : bdrv_perm_names(perm);
}

static void trace_lock_refused(const BlockDriverState *bs, int byte) {
    if (!trace_bdrv_lock_refused.is_enabled()) return;
    bool shared = byte >= RAW_LOCK_SHARED_BASE;
    int n = byte - (shared ? RAW_LOCK_SHARED_BASE : RAW_LOCK_PERM_BASE);
    std::string why = shared ? "somebody does not share " : "somebody uses ";
    trace_bdrv_lock_refused(bs->filename.c_str(), byte,
                            (why + bdrv_perm_names(uint64_t{ 1 } << n)).c_str());
}

// Does anybody hold one of the bytes that stand against `bits`?
static bool check_lock_bytes(BlockDriverState *bs, int base, uint64_t bits, const char *kind,
                             Error **errp) {
    for (int n = 0; n < PERMISSIONS; n++) {
        uint64_t bit = uint64_t{ 1 } << n;
        if (!(bits & bit) || !is_locked_by_another(raw_state(bs)->fd, base + n)) continue;
        trace_lock_refused(bs, base + n);
        Error *err = nullptr;
        error_setg(&err, "Failed to get %s\"%s\" lock", kind, bdrv_perm_names(bit).c_str());
        error_append_hint(&err, "Is another process using the image [%s]?\n", bs->filename.c_str());
        error_propagate(errp, err);
        return false;
    }
    return true;
}

static bool raw_check_lock_bytes(BlockDriverState *bs, uint64_t perm, uint64_t unshared,
                                 Error **errp) {
    return check_lock_bytes(bs, RAW_LOCK_SHARED_BASE, perm, "", errp) &&
           check_lock_bytes(bs, RAW_LOCK_PERM_BASE, unshared, "shared ", errp);
}

bool raw_set_perm(BlockDriverState *bs, uint64_t perm, uint64_t shared_perm, Error **errp) {
    BDRVRawState *s = raw_state(bs);
    uint64_t old_perm = s->locked_perm, old_unshared = s->locked_unshared;
    if ((perm & BLK_PERM_WRITE) && !raw_make_writable(bs, errp)) return false;
    if (!s->use_lock) return true;
    if (trace_bdrv_lock.is_enabled()) {
        trace_bdrv_lock(bs->filename.c_str(), some_names(perm).c_str(),
                        some_names(shared_perm).c_str());
    }
    uint64_t unshared = ~shared_perm & BLK_PERM_ALL;
    if (raw_apply_lock_bytes(s, old_perm | perm, old_unshared | unshared, errp) &&
        raw_check_lock_bytes(bs, perm, unshared, errp)) {
        return raw_apply_lock_bytes(s, perm, unshared, errp);
    }
    (void)raw_apply_lock_bytes(s, old_perm, old_unshared, nullptr);
    return false;
}

// Not every file system has locks.
static bool has_ofd_lock(int fd) {
    struct flock lock = one_byte(0, F_WRLCK);
    return fcntl(fd, F_OFD_GETLK, &lock) == 0;
}

bool raw_take_locking(BDRVRawState *s, BlockOptions *options, Error **errp) {
    size_t mode = RAW_LOCKING_AUTO;
    if (!block_options_take_enum(options, "locking", raw_locking_modes, &mode, errp)) return false;
    s->use_lock = mode == RAW_LOCKING_ON || (mode == RAW_LOCKING_AUTO && has_ofd_lock(s->fd));
    return true;
}
