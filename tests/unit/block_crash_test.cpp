// SPDX-License-Identifier: MIT
/* What a crash leaves on a disk. A random guest writes, zeroes, discards and flushes, many requests
 * at a time, above blklogwrites. Its log is then cut at every entry: what had been flushed when the
 * last flush before the cut began is there, and each sector of what was written behind it is old or
 * new, as chance will have it. That is compared with what the guest had been told. */
#include <cstring>
#include <map>
#include <random>

#include "tests/unit/block_fixture.h"

static constexpr unsigned SECTORS = 96;
static constexpr size_t SECTOR = 512;

// --- the log, as the kernel's documentation of dm-log-writes has it

struct LogEntry {
    uint64_t sector, nr_sectors, flags;
    std::string data;

    bool is_flush() const { return flags & 1; }
    bool is_fua() const { return flags & 2; }
    bool is_discard() const { return flags & 4; }
};

static uint64_t number(const std::string &text, size_t offset) {
    uint64_t n = 0;
    memcpy(&n, text.data() + offset, sizeof(n));
    return n;
}

static std::vector<LogEntry> read_log(const std::string &log) {
    EXPECT_EQ(number(log, 0), 0x6a736677736872u);
    EXPECT_EQ(number(log, 8), 1u);
    std::vector<LogEntry> entries(number(log, 16));
    size_t at = SECTOR;
    for (LogEntry &e : entries) {
        e = { number(log, at), number(log, at + 8), number(log, at + 16), "" };
        at += SECTOR;
        if (e.is_discard()) {
            e.data.assign(e.nr_sectors * SECTOR, '\0');
            continue;
        }
        e.data = log.substr(at, e.nr_sectors * SECTOR);
        e.data.resize(e.nr_sectors * SECTOR, '\0'); // zeroes may be behind the end
        at += e.nr_sectors * SECTOR;
    }
    return entries;
}

// --- the guest

// A sector is full of one number. Zero is what it has at first and what zeroing leaves.
struct SectorHistory {
    std::vector<uint64_t> values = { 0 }; // in the order in which they were asked for
    size_t done = 0;                      // the last one that was reported
    bool busy = false;                    // a request is under way: no other may touch it
};

// That so many values of each sector are there for good, if the crash is not before that entry.
struct Promise {
    size_t entries;
    std::map<unsigned, size_t> value_of;
};

struct Guest;

struct GuestRequest {
    enum Kind { WRITE, ZERO, DISCARD, FLUSH, KINDS };
    Guest *guest;
    Kind kind = WRITE;
    unsigned first = 0, count = 0;
    bool stable = false; // when it is reported
    std::map<unsigned, size_t> flushed = {};
    std::string data = {};
    QEMUIOVector qiov = {};
    bool idle = true;
};

struct Guest {
    BlockBackend *blk;
    std::string log_path;
    std::mt19937 random;
    std::vector<SectorHistory> sectors = std::vector<SectorHistory>(SECTORS);
    std::vector<Promise> promises = {};
    std::vector<GuestRequest> requests = {};
    uint64_t next_value = 1;
    int left = 0;

    unsigned pick(unsigned n) { return static_cast<unsigned>(random() % n); }
    size_t log_entries() const {
        std::ifstream in(log_path, std::ios::binary);
        std::string super(32, '\0');
        in.read(super.data(), 32);
        return number(super, 16);
    }
};

static void next_request(GuestRequest *req);

static void request_done(void *opaque, int ret) {
    auto *req = static_cast<GuestRequest *>(opaque);
    Guest *g = req->guest;
    EXPECT_EQ(ret, 0);
    std::map<unsigned, size_t> there;
    for (unsigned n = req->first; n < req->first + req->count; n++) {
        g->sectors[n].busy = false;
        g->sectors[n].done = g->sectors[n].values.size() - 1;
        there[n] = g->sectors[n].done;
    }
    if (req->kind == GuestRequest::FLUSH) g->promises.push_back({ g->log_entries(), req->flushed });
    if (req->stable) g->promises.push_back({ g->log_entries(), there });
    req->idle = true;
    if (g->left > 0) next_request(req);
}

static bool is_free(const Guest *g, unsigned first, unsigned count) {
    for (unsigned n = first; n < first + count; n++) {
        if (g->sectors[n].busy) return false;
    }
    return true;
}

// A run of sectors that no request touches, full of a new number, or to be zeroed.
static void choose_sectors(GuestRequest *req) {
    Guest *g = req->guest;
    do {
        req->count = 1 + g->pick(6);
        req->first = g->pick(SECTORS - req->count + 1);
    } while (!is_free(g, req->first, req->count));
    uint64_t value = req->kind == GuestRequest::WRITE ? g->next_value++ : 0;
    req->data.assign(req->count * SECTOR, '\0');
    for (size_t i = 0; i < req->data.size(); i += 8) memcpy(&req->data[i], &value, 8);
    for (unsigned n = req->first; n < req->first + req->count; n++) {
        g->sectors[n].busy = true;
        g->sectors[n].values.push_back(value);
    }
}

static void next_request(GuestRequest *req) {
    Guest *g = req->guest;
    static constexpr GuestRequest::Kind kinds[] = { GuestRequest::WRITE,   GuestRequest::WRITE,
                                                    GuestRequest::WRITE,   GuestRequest::WRITE,
                                                    GuestRequest::ZERO,    GuestRequest::ZERO,
                                                    GuestRequest::DISCARD, GuestRequest::FLUSH };
    g->left--;
    req->idle = false;
    req->kind = kinds[g->pick(std::size(kinds))];
    if (req->kind == GuestRequest::FLUSH) {
        req->count = 0;
        req->stable = false;
        for (unsigned n = 0; n < SECTORS; n++) req->flushed[n] = g->sectors[n].done;
        return blk_aio_flush(g->blk, request_done, req);
    }
    choose_sectors(req);
    int64_t offset = req->first * SECTOR, bytes = req->count * SECTOR;
    int fua = req->kind == GuestRequest::WRITE && g->pick(8) == 0 ? BDRV_REQ_FUA : 0;
    req->stable = req->kind != GuestRequest::DISCARD && (fua || !blk_enable_write_cache(g->blk));
    req->qiov = QEMUIOVector(req->data.data(), req->data.size());
    if (req->kind == GuestRequest::WRITE)
        blk_aio_pwritev(g->blk, offset, &req->qiov, fua, request_done, req);
    else if (req->kind == GuestRequest::ZERO)
        blk_aio_pwrite_zeroes(g->blk, offset, bytes, 0, request_done, req);
    else
        blk_aio_pdiscard(g->blk, offset, bytes, request_done, req);
}

static void run_guest(Guest *g, int requests) {
    g->left = requests;
    for (int n = 0; n < 12; n++) g->requests.push_back({ g });
    for (GuestRequest &req : g->requests) next_request(&req);
    auto busy = [](const GuestRequest &req) { return !req.idle; };
    while (std::any_of(g->requests.begin(), g->requests.end(), busy))
        aio_poll(qemu_get_aio_context(), /*blocking=*/true);
}

// --- the crash

// What a sector may hold: the value that is there for certain, and those that may be.
using Candidates = std::vector<std::vector<uint64_t>>;

static uint64_t sector_value(const LogEntry &e, unsigned n) {
    uint64_t value = number(e.data, n * SECTOR);
    for (size_t i = 0; i < SECTOR; i += 8) EXPECT_EQ(number(e.data, n * SECTOR + i), value);
    return value;
}

static void apply(Candidates *disk, const LogEntry &e) {
    if (e.is_flush()) {
        for (auto &values : *disk) values = { values.back() };
        return;
    }
    for (unsigned n = 0; n < e.nr_sectors; n++) {
        auto &values = disk->at(e.sector + n);
        if (e.is_fua()) values.clear();
        values.push_back(sector_value(e, n));
    }
}

// The newest of the sector's values that the disk's content can be.
static size_t newest(const SectorHistory &sector, uint64_t value) {
    for (size_t n = sector.values.size(); n-- > 0;) {
        if (sector.values[n] == value) return n;
    }
    ADD_FAILURE() << "a sector has what nobody wrote: " << value;
    return 0;
}

// How many sectors that the guest was told are safe are not, at a crash behind `entries` entries.
static unsigned lost(const Guest *g, const Candidates &disk, size_t entries, std::mt19937 *random) {
    std::vector<size_t> there(SECTORS), promised(SECTORS);
    for (unsigned n = 0; n < SECTORS; n++) {
        const auto &values = disk[n];
        there[n] = newest(g->sectors[n], values[(*random)() % values.size()]);
    }
    for (const Promise &p : g->promises) {
        if (p.entries > entries) continue;
        for (auto [n, value] : p.value_of) promised[n] = std::max(promised[n], value);
    }
    unsigned count = 0;
    for (unsigned n = 0; n < SECTORS; n++) count += there[n] < promised[n];
    return count;
}

class BlockCrash : public BlockTest {
protected:
    // Runs a guest; returns how much a crash at each entry, three times over, would have lost.
    unsigned run(unsigned seed, const std::string &options) {
        qemu_init_exec_dir(""); // the driver is a loadable module
        std::string image = make_file("disk.img", std::string(SECTORS * SECTOR, '\0'));
        std::string log = make_file("log", "");
        BlockBackend *blk = open_drive(
            "format=raw,file.driver=blklogwrites,file.file.driver=file,file.file.filename=" +
                image + ",file.log.driver=file,file.log.filename=" + log +
                ",file.log-super-update-interval=1,discard=unmap" + options,
            "d" + std::to_string(seed));
        Guest guest{ blk, log, std::mt19937(seed) };
        run_guest(&guest, 400);
        monitor_remove_blk(blk);
        blk_unref(blk);
        return cut_everywhere(&guest, read_log(read_file(log)), read_file(image));
    }

    unsigned cut_everywhere(Guest *guest, const std::vector<LogEntry> &entries,
                            const std::string &image) {
        EXPECT_FALSE(guest->promises.empty());
        Candidates disk(SECTORS, { 0 });
        unsigned count = 0;
        for (size_t n = 0; n < entries.size(); n++) {
            apply(&disk, entries[n]);
            for (int times = 0; times < 3; times++)
                count += lost(guest, disk, n + 1, &guest->random);
        }
        for (unsigned n = 0; n < SECTORS; n++) EXPECT_EQ(number(image, n * SECTOR), disk[n].back());
        return count;
    }
};

TEST_F(BlockCrash, LosesNothingThatWasFlushed) {
    for (unsigned seed = 1; seed <= 4; seed++) {
        const char *aio = seed % 2 ? ",file.file.aio=threads" : ",file.file.aio=io_uring";
        EXPECT_EQ(run(seed, aio), 0u) << seed;
    }
}

TEST_F(BlockCrash, LosesNothingWithoutAWriteCache) {
    for (unsigned seed = 1; seed <= 2; seed++)
        EXPECT_EQ(run(seed, ",cache.writeback=off"), 0u) << seed;
}

// So the test can tell: a disk that only says that it has flushed loses something.
TEST_F(BlockCrash, LosesMuchIfFlushesAreIgnored) {
    for (unsigned seed = 1; seed <= 2; seed++)
        EXPECT_GT(run(seed, ",cache.no-flush=on"), 100u) << seed;
}
