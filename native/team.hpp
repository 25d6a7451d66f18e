// Threads that share the groups of lanes of a batch.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// The groups of lanes from `first` on up to `last`, `step` apart.
struct Groups {
    int first = 0, last = 0, step = 1;

    struct Iterator {
        int group, step;
        int operator*() const { return group; }
        Iterator& operator++() {
            group += step;
            return *this;
        }
        bool operator!=(const Iterator& end) const { return group < end.group; }
    };
    Iterator begin() const { return {first, step}; }
    Iterator end() const { return {last, step}; }
    int size() const { return first < last ? (last - first + step - 1) / step : 0; }
    int operator[](int i) const { return first + i * step; }
};

// One of `count` threads, and what it takes of work that all share.
struct Share {
    int index = 0, count = 1;

    bool first() const { return index == 0; }
    bool last() const { return index == count - 1; }
    // Every count-th group: neighbors belong to different threads, which so follow each other through
    // the layers where sums have an order.
    Groups groups(int all) const { return {index, all, count}; }
    // A stretch of `length` things.
    template <class Length>
    std::pair<Length, Length> of(Length length) const {
        const auto bound = [&](int i) {
            return static_cast<Length>(static_cast<std::int64_t>(length) * i / count);
        };
        return {bound(index), bound(index + 1)};
    }
};

// Waits until `value` satisfies `ready`, and returns it. At first awake, since the other thread is
// nearly there; but it may have lost its core, and then sleep is shorter: the more often waiting awake
// was in vain, the sooner a thread falls asleep.
template <class T, class Ready>
T await(const std::atomic<T>& value, Ready ready) {
    constexpr int kLeast = 64, kMost = 1 << 14;  // pauses: microseconds, and a few tenths of a millisecond
    static thread_local int patience = kMost;
    T now = value.load(std::memory_order_acquire);
    if (ready(now)) return now;
    for (int i = 0; i < patience; ++i) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        asm volatile("yield");
#endif
        now = value.load(std::memory_order_acquire);
        if (!ready(now)) continue;
        patience = std::min(2 * patience, kMost);
        return now;
    }
    patience = std::max(patience / 2, kLeast);
    while (!ready(now)) {
        value.wait(now, std::memory_order_acquire);
        now = value.load(std::memory_order_acquire);
    }
    return now;
}

// Keeps the order of sums over the groups of a batch, whichever threads they belong to: every group is
// added in so many parts, and a part waits for that of the group before.
class Order {
  public:
    // For batches of up to so many groups.
    void allocate(int groups) { passed_ = std::vector<Counter>(groups); }
    // Before a batch, while no thread works on one.
    void reset() {
        for (auto& counter : passed_) counter.parts.store(0, std::memory_order_relaxed);
    }
    // Before part `part` of a group: until the group before has passed it.
    void wait(int group, int part = 0) const {
        if (group > 0) await(passed_[group - 1].parts, [part](int parts) { return parts > part; });
    }
    void pass(int group, int part = 0) {
        passed_[group].parts.store(part + 1, std::memory_order_release);
        passed_[group].parts.notify_all();
    }

  private:
    struct alignas(64) Counter {  // on a cache line of its own
        std::atomic<int> parts{0};
    };
    std::vector<Counter> passed_;
};

// Threads that work on the same thing at the same time: the caller, and others that sleep between the
// calls.
class Team {
  public:
    // Throws std::system_error if the system has no more threads.
    explicit Team(int count) {
        try {
            for (int index = 1; index < count; ++index)
                threads_.emplace_back([this, index] { work(index); });
        } catch (...) {
            end();
            throw;
        }
    }
    Team(const Team&) = delete;
    ~Team() { end(); }

    int size() const { return static_cast<int>(threads_.size()) + 1; }

    // Calls body(share) on up to so many threads, and returns when all have returned. It must not throw.
    void run(int most, const std::function<void(Share)>& body) {
        count_ = std::clamp(most, 1, size());
        if (count_ == 1) return body({0, 1});
        job_ = &body;
        returned_.store(0, std::memory_order_relaxed);
        next();
        body({0, count_});
        // Of those that were not needed, too: none may look at this job when the next one begins.
        const auto all = static_cast<unsigned>(threads_.size());
        await(returned_, [all](unsigned count) { return count == all; });
    }

    // Within run(): waits until all threads are here.
    void barrier() {
        if (count_ == 1) return;
        const unsigned phase = phase_.load(std::memory_order_acquire);
        if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == count_) {
            arrived_.store(0, std::memory_order_relaxed);
            phase_.store(phase + 1, std::memory_order_release);
            phase_.notify_all();
        } else {
            await(phase_, [phase](unsigned now) { return now != phase; });
        }
    }

  private:
    void end() {
        job_ = nullptr;
        next();
        for (auto& thread : threads_) thread.join();
    }
    void next() {
        call_.fetch_add(1, std::memory_order_release);
        call_.notify_all();
    }
    void work(int index) {
        for (unsigned call = 0;;) {
            call = await(call_, [call](unsigned now) { return now != call; });
            if (job_ == nullptr) return;
            if (index < count_) (*job_)({index, count_});
            returned_.fetch_add(1, std::memory_order_release);
            returned_.notify_all();
        }
    }

    int count_ = 1;
    const std::function<void(Share)>* job_ = nullptr;
    alignas(64) std::atomic<unsigned> call_{0};
    alignas(64) std::atomic<unsigned> returned_{0};
    alignas(64) std::atomic<int> arrived_{0};
    alignas(64) std::atomic<unsigned> phase_{0};
    std::vector<std::thread> threads_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
