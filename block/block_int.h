// SPDX-License-Identifier: MIT
/* Inside the block layer: what a driver provides (BlockDriver) and what a node is made of.
 *
 * A driver is a table of functions, registered by a block_init function. A null entry is something
 * that it cannot do.
 *
 * Invariants: a node lives in one AioContext, and whoever touches its state has that context's lock
 * (util/aio.h). What the graph consists of, and how nodes were opened, changes only under the big
 * lock as well, so that either lock will do to read it. */
#pragma once

#include <cstdlib>
#include <memory>
#include <span>

#include <boost/intrusive/list.hpp>
#include <nlohmann/json_fwd.hpp>

#include "block/block.h"
#include "util/coroutine.h"
#include "util/error.h"
#include "util/iov.h"

// A driver's own state of one node. Derived by each driver.
struct BDRVState {
    virtual ~BDRVState() = default;
};

// Places that requests come by, in the order of their names in block/blkdebug.cpp.
enum BlkdebugEvent {
    BLKDBG_READ_AIO, // of a format, told to the node that has its data
    BLKDBG_WRITE_AIO,
    BLKDBG_FLUSH_TO_OS, // of any node above
    BLKDBG_FLUSH_TO_DISK,
    BLKDBG_PWRITEV_RMW_HEAD, // the node's own, all of these
    BLKDBG_PWRITEV_RMW_AFTER_HEAD,
    BLKDBG_PWRITEV_RMW_TAIL,
    BLKDBG_PWRITEV_RMW_AFTER_TAIL,
    BLKDBG_PWRITEV,
    BLKDBG_PWRITEV_ZERO,
    BLKDBG_PWRITEV_DONE,
    BLKDBG_NONE,
    BLKDBG__MAX,
};

// What an option's value is: of a -blockdev in JSON its type, else what its text must say.
enum BlockOptionType {
    BLOCK_OPT_STR,
    BLOCK_OPT_BOOL,
    BLOCK_OPT_INT, // 64 bits with a sign
    BLOCK_OPT_UINT32,
    BLOCK_OPT_UINT64,
    BLOCK_OPT_ENUM,
    BLOCK_OPT_OBJECT,
    BLOCK_OPT_LIST, // of objects
    BLOCK_OPT_NODE, // a child: options of its own, or another node's name
};

inline constexpr unsigned BLOCK_OPT_REQUIRED = 1;
inline constexpr unsigned BLOCK_OPT_WEAK = 2; // changes nothing that a guest reads

// One option, as QEMU's schema has it.
struct BlockOption {
    const char *name;
    BlockOptionType type = BLOCK_OPT_STR;
    unsigned flags = 0;
    std::span<const char *const> values = {};  // of an enum
    std::span<const BlockOption> members = {}; // of an object, or of each in a list
    const char *when = nullptr;                // it is there only in an object whose "type" is this
};

struct BlockDriver {
    const char *format_name;
    const char *protocol_name = nullptr; // "nbd" of nbd://host; only a protocol has one
    bool bdrv_needs_filename = false;
    // Its disk is its child's: of length, block status and resizing it has nothing to say.
    bool is_filter = false;
    // Those that it has beside every node's.
    std::span<const BlockOption> options = {};

    // How surely `buf`, an image's first bytes, is of this format: 0 (no) to 100.
    int (*bdrv_probe)(const uint8_t *buf, int buf_size, const char *filename) = nullptr;
    // How surely the file of that name is a device this protocol is for.
    int (*bdrv_probe_device)(const char *filename) = nullptr;
    // Replaces options["filename"], which holds `filename`, by options of the driver's own.
    bool (*bdrv_parse_filename)(const char *filename, BlockOptions *options,
                                Error **errp) = nullptr;

    // One of the two: of a format, whose child bs->file is open already, or of a protocol. Takes
    // the options that it understands out of `options`.
    bool (*bdrv_open)(BlockDriverState *bs, BlockOptions *options, int flags,
                      Error **errp) = nullptr;
    bool (*bdrv_file_open)(BlockDriverState *bs, BlockOptions *options, int flags,
                           Error **errp) = nullptr;
    void (*bdrv_close)(BlockDriverState *bs) = nullptr;
    // In bytes, or -errno.
    int64_t (*bdrv_getlength)(BlockDriverState *bs) = nullptr;
    // Opens the same image again, with these flags; else things stay as they are.
    bool (*bdrv_reopen)(BlockDriverState *bs, int flags, Error **errp) = nullptr;
    // What is done with the node from now on, and what others may do; else things stay as they are.
    bool (*bdrv_set_perm)(BlockDriverState *bs, uint64_t perm, uint64_t shared_perm,
                          Error **errp) = nullptr;
    // What it takes on the host, in bytes, or -errno.
    int64_t (*bdrv_get_allocated_file_size)(BlockDriverState *bs) = nullptr;
    // Fills in bs->bl.
    void (*bdrv_refresh_limits)(BlockDriverState *bs) = nullptr;
    // The node's name for people, if options other than "filename" say it; "": they cannot.
    std::string (*bdrv_refresh_filename)(const BlockDriverState *bs) = nullptr;
    // Somebody waits for the node's requests to end, and no longer does.
    void (*bdrv_drain_begin)(BlockDriverState *bs) = nullptr;
    void (*bdrv_drain_end)(BlockDriverState *bs) = nullptr;

    // The node's requests come in that loop from now on. None is in flight; the caller has the
    // locks of both contexts. False: the node stays where it is.
    bool (*bdrv_attach_aio_context)(BlockDriverState *bs, AioContext *ctx, Error **errp) = nullptr;

    // A request has come by a place in the block layer.
    void (*bdrv_debug_event)(BlockDriverState *bs, BlkdebugEvent event) = nullptr;

    // The range is aligned to bs->bl.request_alignment and as long as `qiov`. Bytes behind the end
    // of the host's file read as zeroes.
    CoTask<int> (*bdrv_co_preadv)(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                  QEMUIOVector *qiov, int flags) = nullptr;
    CoTask<int> (*bdrv_co_pwritev)(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                   QEMUIOVector *qiov, int flags) = nullptr;
    // Everything that was written is on stable storage when it returns 0.
    CoTask<int> (*bdrv_co_flush_to_disk)(BlockDriverState *bs) = nullptr;

    // The four below answer -ENOTSUP for what they cannot do now. Ranges are aligned as above.
    // Makes the range read as zeroes, by other means than writing them.
    CoTask<int> (*bdrv_co_pwrite_zeroes)(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                         int flags) = nullptr;
    // The range's content is no longer needed.
    CoTask<int> (*bdrv_co_pdiscard)(BlockDriverState *bs, int64_t offset, int64_t bytes) = nullptr;
    // BDRV_BLOCK_* of the first *pnum bytes of the range; see bdrv_co_block_status().
    CoTask<int> (*bdrv_co_block_status)(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                        int64_t *pnum, int64_t *map,
                                        BlockDriverState **file) = nullptr;
    // Makes the image `offset` bytes long. What is new reads as zeroes.
    CoTask<int> (*bdrv_co_truncate)(BlockDriverState *bs, int64_t offset, Error **errp) = nullptr;

    BlockDriver *next = nullptr; // in the list of drivers
};

// What a driver's requests may be like; larger ones come in parts. Sizes are multiples of
// request_alignment; 0: as large as they are.
struct BlockLimits {
    uint32_t request_alignment = 1; // of offset and length; a power of two
    int64_t max_transfer = 0;       // the most bytes in one read or write
    int64_t max_pwrite_zeroes = 0;
    int64_t max_pdiscard = 0;
    // What it can zero, or discard, well. A part of such a block comes by itself, and the driver
    // may refuse it (-ENOTSUP).
    uint32_t pwrite_zeroes_alignment = 0;
    uint32_t pdiscard_alignment = 0;
};

struct BdrvChild;

// What the two kinds of parents, nodes and block backends, do when something happens below.
struct BdrvChildClass {
    void (*resize)(BdrvChild *child); // child->bs has another length
    std::string (*get_parent_desc)(const BdrvChild *child);
    // Somebody waits for child->bs to have no requests, and no longer does: no new ones meanwhile.
    void (*drained_begin)(BdrvChild *child);
    void (*drained_end)(BdrvChild *child);
    // Of a block backend: whether its node may go to another context; and that it has.
    bool (*can_change_aio_context)(BdrvChild *child, Error **errp) = nullptr;
    void (*change_aio_context)(BdrvChild *child, AioContext *ctx) = nullptr;
};

// A reference from a node, or from a block backend, to the node below.
struct BdrvChild {
    BlockDriverState *bs;
    std::string name; // "file", "root"
    const BdrvChildClass *klass;
    void *opaque; // the parent: a BlockDriverState or a BlockBackend
    uint64_t perm = 0;
    uint64_t shared_perm = BLK_PERM_ALL;
};

// A request in flight. Its range is in whole blocks of the node's request alignment.
struct BdrvTrackedRequest : boost::intrusive::list_base_hook<> {
    BlockDriverState *bs;
    int64_t offset;
    int64_t bytes;
    bool serialising;     // no other request may touch the range meanwhile
    CoQueue wait_queue{}; // younger requests that wait for this one

    BdrvTrackedRequest(BlockDriverState *bs, int64_t offset, int64_t bytes, bool serialising);
    ~BdrvTrackedRequest();
    BdrvTrackedRequest(const BdrvTrackedRequest &) = delete;
    BdrvTrackedRequest &operator=(const BdrvTrackedRequest &) = delete;
};

struct BlockDriverState {
    BlockDriver *drv = nullptr; // null: not open
    AioContext *aio_context = qemu_get_aio_context();
    std::unique_ptr<BDRVState> opaque;
    int open_flags = 0;
    bool probed = false;  // nobody said that it is of this format
    std::string filename; // for people
    std::string node_name;
    BlockOptions options; // what its driver was opened with
    int depth = 0;        // nodes above it that it was opened for
    int height = 0;       // nodes below it, the longest way down

    BlockdevDetectZeroesOptions detect_zeroes = BLOCKDEV_DETECT_ZEROES_OPTIONS_OFF;

    BlockLimits bl;
    int supported_write_flags = 0; // that the driver takes: BDRV_REQ_FUA
    int supported_zero_flags = 0;  // the same, of a write of zeroes
    int64_t total_sectors = 0;

    std::vector<std::unique_ptr<BdrvChild>> children;
    BdrvChild *file = nullptr; // the one that has the data, among children
    std::vector<BdrvChild *> parents;

    int refcnt = 1;
    unsigned in_flight = 0;
    unsigned serialising_in_flight = 0;
    boost::intrusive::list<BdrvTrackedRequest> tracked_requests; // oldest first
    uint64_t write_gen = 0;                                      // counts completed writes
    uint64_t flushed_gen = 0; // the write_gen that is on stable storage
};

// Puts the driver at the head of the list: the last one registered is probed first.
void bdrv_register(BlockDriver *drv);
BlockDriver *bdrv_first_driver();
[[nodiscard]] bool bdrv_check_whitelist(const BlockDriver *drv, bool read_only, Error **errp);
// Loads the library that has the driver of that name; false if none is known to.
bool bdrv_load_driver(const char *name);
// What the node's own driver asks for. A child widens the requests that it gets by itself.
void bdrv_refresh_limits(BlockDriverState *bs);
// Opens the node that `parent` calls `name`: the file, what options "<name>.*" say, or the node
// that options["<name>"] refers to.
BdrvChild *bdrv_open_child(const char *filename, BlockOptions *options, const char *name,
                           BlockDriverState *parent, int flags, Error **errp);

// --- block/graph.cpp
BlockDriverState *bdrv_new();
// By the option node-name; without it the node gets a name of its own.
[[nodiscard]] bool bdrv_assign_node_name(BlockDriverState *bs, BlockOptions::node_type option,
                                         Error **errp);
extern const BdrvChildClass child_of_bds;
// Makes `parent` (a node, or a block backend) refer to `bs`; takes over the caller's reference.
std::unique_ptr<BdrvChild> bdrv_attach_child(BlockDriverState *bs, const std::string &name,
                                             const BdrvChildClass *klass, void *parent);
// The same of a node, which keeps the reference among its children.
BdrvChild *bdrv_add_child(BlockDriverState *parent, BlockDriverState *bs, const std::string &name);
void bdrv_detach_child(std::unique_ptr<BdrvChild> child);
// Asks the driver for the length, and tells the parents if it is another one.
[[nodiscard]] bool bdrv_refresh_total_sectors(BlockDriverState *bs, Error **errp);

// --- block/aio-context.cpp
void child_of_bds_drained_begin(BdrvChild *child);
void child_of_bds_drained_end(BdrvChild *child);

// --- block/perm.cpp
std::string bdrv_perm_names(uint64_t perm); // "write, resize"
void bdrv_get_cumulative_perm(const BlockDriverState *bs, uint64_t *perm, uint64_t *shared_perm);
[[nodiscard]] bool bdrv_child_try_set_perm(BdrvChild *child, uint64_t perm, uint64_t shared_perm,
                                           Error **errp);

// The same after the node, or what it may do, has changed.
[[nodiscard]] bool bdrv_refresh_perms(BlockDriverState *bs, Error **errp);
// Opens an image again, node by node, from the file up.
[[nodiscard]] bool bdrv_reopen_set_read_only(BlockDriverState *bs, bool read_only, Error **errp);

// --- block/probe.cpp
inline constexpr int BLOCK_PROBE_BUF_SIZE = 512;
// The driver with the highest score for an image that begins like `buf`.
BlockDriver *bdrv_probe_all(const uint8_t *buf, int buf_size, const char *filename);
// Same, of an open protocol node. Null with *errp if its first bytes cannot be read.
BlockDriver *find_image_format(BdrvChild *file, const char *filename, Error **errp);
// The driver for a file's name: by its "protocol:", or by what the file is.
// Without `allow_prefix` a "protocol:" is part of the file's name.
BlockDriver *bdrv_find_protocol(const char *filename, bool allow_prefix, Error **errp);
bool path_has_protocol(const char *filename);

// --- block/options.cpp
// Moves what stands under "<prefix>." into a map of its own, without the prefix.
BlockOptions block_options_extract(BlockOptions *options, const std::string &prefix);
// Takes an option's value out; `defval` if it is not there.
std::string block_options_take(BlockOptions *options, const char *name,
                               const std::string &defval = "");
[[nodiscard]] bool block_options_take_bool(BlockOptions *options, const char *name, bool *value,
                                           Error **errp);
[[nodiscard]] bool block_options_take_number(BlockOptions *options, const char *name,
                                             uint64_t *value, Error **errp);
[[nodiscard]] bool block_options_take_size(BlockOptions *options, const char *name, uint64_t *value,
                                           Error **errp);
// The number of an enum's value; *value stays if it is not there. "invalid parameter value: x"
[[nodiscard]] bool block_options_take_enum(BlockOptions *options, const char *name,
                                           std::span<const char *const> values, size_t *value,
                                           Error **errp);
// Options that every node has: their rows; into its flags, and into the node.
extern const std::span<const BlockOption> bdrv_common_options;
[[nodiscard]] bool bdrv_take_flags(BlockOptions *options, int *flags, Error **errp);
[[nodiscard]] bool bdrv_take_zeroes(BlockOptions *options, BlockDriverState *bs, int flags,
                                    Error **errp);
// Does `node`, an object, suit the rows of its driver, and of its children's? Then puts it into
// `options`. With `is_keyval` scalars are text. "Parameter 'x' is missing", "Parameter 'x' is
// unexpected", "Parameter 'x' does not accept value 'y'", "Invalid parameter type for 'x',
// expected: integer", and others: QEMU's.
[[nodiscard]] bool visit_blockdev_options(const nlohmann::json &node, bool is_keyval,
                                          BlockOptions *options, Error **errp);
// Turns "json:{...}" into the options it says, where none are given yet, and *filename into null.
[[nodiscard]] bool bdrv_take_json_filename(const char **filename, BlockOptions *options,
                                           Error **errp);
// "x" of the "proto:x" in options["filename"].
bool bdrv_parse_filename_strip_prefix(const char *filename, const char *prefix,
                                      BlockOptions *options);
// What to call the node: the file's name if that says it all, else "json:{...}".
std::string bdrv_make_filename(const BlockDriverState *bs);

// --- block/io.cpp
inline void bdrv_debug_event(BlockDriverState *bs, BlkdebugEvent event) {
    if (bs->drv->bdrv_debug_event) bs->drv->bdrv_debug_event(bs, event);
}

// Counts a request of a node for as long as it lives.
class BdrvInFlight {
public:
    explicit BdrvInFlight(BlockDriverState *bs) : bs_(bs) { bs_->in_flight++; }
    ~BdrvInFlight() { bs_->in_flight--; }
    BdrvInFlight(const BdrvInFlight &) = delete;
    BdrvInFlight &operator=(const BdrvInFlight &) = delete;

private:
    BlockDriverState *bs_;
};

// While it lives, requests of `bs` (null: there are none) and below end soon, as far as drivers can
// do something about it, and no device sends new ones. Under the lock of its context.
class BdrvDrainedSection {
public:
    explicit BdrvDrainedSection(BlockDriverState *bs);
    ~BdrvDrainedSection();
    BdrvDrainedSection(const BdrvDrainedSection &) = delete;
    BdrvDrainedSection &operator=(const BdrvDrainedSection &) = delete;

private:
    BlockDriverState *bs_;
};

inline int64_t round_down(int64_t n, int64_t align) { return n & ~(align - 1); }
inline int64_t round_up(int64_t n, int64_t align) { return round_down(n + align - 1, align); }

struct FreeDeleter {
    void operator()(void *p) const { free(p); }
};
// Aligned memory for a request of our own.
using BlockMemory = std::unique_ptr<uint8_t, FreeDeleter>;
BlockMemory block_memory_new(int64_t align, int64_t size);

CoTask<void> bdrv_wait_serialising_requests(BdrvTrackedRequest *self);
// 0, or what is wrong with the range.
int bdrv_check_request(const BlockDriverState *bs, int64_t offset, int64_t bytes);
// Writes whole blocks, `qiov` or (BDRV_REQ_ZERO_WRITE) zeroes, of a request that is tracked.
CoTask<int> bdrv_aligned_pwritev(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                 QEMUIOVector *qiov, int flags);
CoTask<int> bdrv_driver_pwritev(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                QEMUIOVector *qiov, int flags);
CoTask<int> bdrv_co_preadv(BdrvChild *child, int64_t offset, int64_t bytes, QEMUIOVector *qiov,
                           int flags);
CoTask<int> bdrv_co_pwritev(BdrvChild *child, int64_t offset, int64_t bytes, QEMUIOVector *qiov,
                            int flags);
CoTask<int> bdrv_co_flush(BlockDriverState *bs);

// --- block/io-space.cpp
CoTask<int> bdrv_co_pwrite_zeroes(BdrvChild *child, int64_t offset, int64_t bytes, int flags);
// Whole blocks, by the driver or else by writing zeroes.
CoTask<int> bdrv_co_do_pwrite_zeroes(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                     int flags);
// A hint: 0 even if nobody can use it.
CoTask<int> bdrv_co_pdiscard(BdrvChild *child, int64_t offset, int64_t bytes);
// What the first *pnum bytes of the range are (BDRV_BLOCK_*), or -errno; *pnum is 0 at the end.
CoTask<int> bdrv_co_block_status(BlockDriverState *bs, int64_t offset, int64_t bytes, int64_t *pnum,
                                 int64_t *map, BlockDriverState **file);
// Makes the image `offset` bytes long; no request may be in flight.
CoTask<int> bdrv_co_truncate(BdrvChild *child, int64_t offset, Error **errp);

// Synchronous.
int bdrv_pread(BdrvChild *child, int64_t offset, int64_t bytes, void *buf, int flags);
int bdrv_pwrite(BdrvChild *child, int64_t offset, int64_t bytes, const void *buf, int flags);
int bdrv_flush(BlockDriverState *bs);
