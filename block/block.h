// SPDX-License-Identifier: MIT
/* The block layer: drivers, and the graph of nodes that they are opened into.
 *
 * A disk image is a chain of nodes (BlockDriverState): a format (`raw`) on top of a protocol
 * (`file`), its child. A device sees neither: it holds a BlockBackend (block/block-backend.h).
 * Requests go down the chain as coroutines (block/io.cpp); everything else is synchronous.
 *
 * All of it runs under the big lock, but for requests: they run in the loop that their node lives
 * in, under the lock of that context. Offsets and sizes are bytes; requests return 0 or -errno.
 *
 * In gdb: b bdrv_register     b bdrv_open     b raw_open     p *bs->drv */
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

struct AioContext;
struct Error;
struct BlockDriver;
struct BlockDriverState;
struct BdrvChild;

// What is left to open a node with: names and values. A child's names have its own in front, and a
// dot ("file.filename"). Each step takes out what it understands; what remains at the end is wrong.
using BlockOptions = std::map<std::string, std::string, std::less<>>;

inline constexpr int64_t BDRV_SECTOR_SIZE = 512;
// The largest image. A request widened to whole blocks still ends where an off_t can say.
inline constexpr int64_t BDRV_MAX_LENGTH = INT64_MAX & ~((INT64_C(1) << 30) - 1);

// How a node is opened. A child inherits its parent's.
inline constexpr int BDRV_O_RDWR = 0x0002;
inline constexpr int BDRV_O_NOCACHE = 0x0020;      // O_DIRECT
inline constexpr int BDRV_O_NO_FLUSH = 0x0200;     // flushes are ignored
inline constexpr int BDRV_O_UNMAP = 0x4000;        // discards are passed on
inline constexpr int BDRV_O_SNAPSHOT = 0x0008;     // writes go to a temporary file
inline constexpr int BDRV_O_AUTO_RDONLY = 0x20000; // open for reading what cannot be written
inline constexpr int BDRV_O_IO_URING = 0x40000;    // option aio
inline constexpr int BDRV_O_PROTOCOL = 0x8000;     // the node has no file child
inline constexpr int BDRV_O_TYPED = 0x80000;       // options went through visit_blockdev_options()

// Of a write request.
inline constexpr int BDRV_REQ_ZERO_WRITE = 0x2;    // writes zeroes; there is no memory with it
inline constexpr int BDRV_REQ_MAY_UNMAP = 0x4;     // the zeroes need not be allocated
inline constexpr int BDRV_REQ_FUA = 0x10;          // on stable storage before it completes
inline constexpr int BDRV_REQ_NO_FALLBACK = 0x100; // fail (-ENOTSUP) rather than write each zero

// What bdrv_co_block_status() says about a range.
inline constexpr int BDRV_BLOCK_DATA = 0x01;         // it has to be read to be known
inline constexpr int BDRV_BLOCK_ZERO = 0x02;         // it reads as zeroes
inline constexpr int BDRV_BLOCK_OFFSET_VALID = 0x04; // *map is where it lies in *file

// What a parent does with a node, and what it shares (block/perm.cpp).
inline constexpr uint64_t BLK_PERM_CONSISTENT_READ = 0x01; // what it reads is a disk's content
inline constexpr uint64_t BLK_PERM_WRITE = 0x02;
inline constexpr uint64_t BLK_PERM_WRITE_UNCHANGED = 0x04; // writes that change nothing visible
inline constexpr uint64_t BLK_PERM_RESIZE = 0x08;
inline constexpr uint64_t BLK_PERM_ALL = 0x0f;

// What a node does with a write of nothing but zeroes.
enum BlockdevDetectZeroesOptions {
    BLOCKDEV_DETECT_ZEROES_OPTIONS_OFF,
    BLOCKDEV_DETECT_ZEROES_OPTIONS_ON,    // writes zeroes the cheapest way
    BLOCKDEV_DETECT_ZEROES_OPTIONS_UNMAP, // which may give the space back
};

// What becomes of a request that failed: werror= for writes, rerror= for reads.
enum BlockdevOnError : int {
    BLOCKDEV_ON_ERROR_REPORT, // the guest is told
    BLOCKDEV_ON_ERROR_IGNORE, // it is told that all went well
    BLOCKDEV_ON_ERROR_ENOSPC, // stop if there is no space left, else report
    BLOCKDEV_ON_ERROR_STOP,   // the machine stops; the request is made again when it goes on
    BLOCKDEV_ON_ERROR_AUTO,   // of a device: as its drive says
};
// "report" and so on, in the order above. -1: no such word.
const char *blockdev_on_error_name(BlockdevOnError on_error);
int blockdev_on_error_parse(const std::string &name);

// --- drivers

// Calls what the block drivers registered: MODULE_INIT_BLOCK.
void bdrv_init();
// Same, and from now on only whitelisted drivers may be opened.
void bdrv_init_with_whitelist();
// The driver of that format name, loaded from its library if need be, or nullptr.
BlockDriver *bdrv_find_format(const char *format_name);
// Names of all drivers, loaded or not, that may be opened that way, sorted.
std::vector<std::string> bdrv_format_names(bool read_only);

// --- nodes

// Opens an image: what `filename` (may be null) and `options` say, or another reference to the node
// called `reference`. The caller owns one reference.
BlockDriverState *bdrv_open(const char *filename, const char *reference, BlockOptions options,
                            int flags, Error **errp);
void bdrv_ref(BlockDriverState *bs);
// The last reference closes the node.
void bdrv_unref(BlockDriverState *bs);
BlockDriverState *bdrv_find_node(const char *node_name);
// Every node; those with a name in order of naming.
const std::vector<BlockDriverState *> &bdrv_all_nodes();
// Takes the image out of every block backend, which closes all nodes.
void bdrv_close_all();

bool bdrv_is_read_only(const BlockDriverState *bs);
// In bytes, a whole number of sectors, or -errno. Under the lock of its context.
int64_t bdrv_getlength(const BlockDriverState *bs);
// Waits until the node has no request in flight.
void bdrv_drain(BlockDriverState *bs);
void bdrv_drain_all();
// Between the two no device sends a request, whatever its iothread finds in the rings.
void bdrv_drain_all_begin();
void bdrv_drain_all_end();

// Where its requests run.
AioContext *bdrv_get_aio_context(const BlockDriverState *bs);
// Lets them run in `ctx`, with those of all nodes that it is connected to. "Cannot change iothread
// of active block backend": a device uses one of them.
[[nodiscard]] bool bdrv_try_change_aio_context(BlockDriverState *bs, AioContext *ctx, Error **errp);
