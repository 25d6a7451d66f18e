// Activations and their gradients, laid out as [group][channel][y][x][lane].
#pragma once

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "kernels/simd.hpp"
#include "team.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// Zeroed memory on a cache line's boundary.
template <class T>
class Buffer {
  public:
    Buffer() = default;
    explicit Buffer(std::size_t count) : count_(count) {
        if (count == 0) return;
        const std::size_t bytes = (count * sizeof(T) + 63) / 64 * 64;
        data_.reset(static_cast<T*>(std::aligned_alloc(64, bytes)));
        if (!data_) throw std::bad_alloc();
        std::memset(data_.get(), 0, bytes);
    }
    T* data() { return data_.get(); }
    const T* data() const { return data_.get(); }
    std::size_t size() const { return count_; }
    void clear(const Share& share = {}) {
        const auto [first, last] = share.of(static_cast<std::ptrdiff_t>(count_));
        std::fill_n(data_.get() + first, last - first, T{});
    }
    T& operator[](std::size_t i) { return data_.get()[i]; }
    const T& operator[](std::size_t i) const { return data_.get()[i]; }

  private:
    struct Free {
        void operator()(T* p) const { std::free(p); }
    };
    std::unique_ptr<T, Free> data_;
    std::size_t count_ = 0;
};

struct Shape {
    int channels = 0, height = 1, width = 1;
    int features() const { return channels * height * width; }
};

// Zeros around every channel, so that no kernel has to ask where an image ends.
struct Border {
    int top = 0, left = 0, bottom = 0, right = 0;
    bool none() const { return top == 0 && left == 0 && bottom == 0 && right == 0; }
};

// Memory for as many groups of lanes as are needed at the same time, of the `groups` of a batch: group
// g takes slot g % slots.
struct Slots {
    int slots = 1, groups = 1;
    int of(int group) const { return group % slots; }
};

// What memory a layer may need.
struct Capacity {
    Slots kept;     // for the groups between whose forward and backward pass it sees others
    Slots scratch;  // for those that are worked on at the same time, one a thread
    int groups() const { return kept.groups; }
};

template <int L>
class Tensor {
  public:
    Shape shape;
    Border border;

    void allocate(const Slots& slots) {
        arrange(slots);
        buffer_ = std::make_shared<Buffer<float>>(static_cast<std::size_t>(group_) * slots.slots);
    }
    // The same in memory that others of the same size use, too. It has no border, over whose zeros others
    // would write, unless all have the same.
    void share(const std::shared_ptr<Buffer<float>>& memory, const Slots& slots) {
        arrange(slots);
        buffer_ = memory;
    }
    bool allocated() const { return buffer_ != nullptr; }
    const std::shared_ptr<Buffer<float>>& memory() const { return buffer_; }
    std::ptrdiff_t row() const { return row_; }
    std::ptrdiff_t channel() const { return channel_; }
    std::ptrdiff_t group() const { return group_; }

    // The pixel (y, x) of a channel; negative coordinates reach into the border.
    float* at(int group, int channel = 0, int y = 0, int x = 0) {
        return buffer_->data() + groups_[group] + channel_ * channel +
               row_ * (y + border.top) + static_cast<std::ptrdiff_t>(x + border.left) * L;
    }

  private:
    void arrange(const Slots& slots) {
        row_ = static_cast<std::ptrdiff_t>(shape.width + border.left + border.right) * L;
        channel_ = row_ * (shape.height + border.top + border.bottom);
        group_ = channel_ * shape.channels;
        groups_.clear();
        for (int g = 0; g < slots.groups; ++g) groups_.push_back(slots.of(g) * group_);
    }

    std::shared_ptr<Buffer<float>> buffer_;
    std::ptrdiff_t row_ = 0, channel_ = 0, group_ = 0;
    std::vector<std::ptrdiff_t> groups_;  // where each begins
};

// What flows between two layers.
template <int L>
class Node {
    struct Kept {
        Tensor<L> value;
        bool keep = false;
    };
    std::shared_ptr<Kept> kept_ = std::make_shared<Kept>();

  public:
    Node() = default;
    // Another way to the same value, with a gradient of its own.
    Node(const Node& other, bool has_gradient) : kept_(other.kept_), has_gradient(has_gradient) {}

    Tensor<L>& value = kept_->value;
    Tensor<L> gradient;
    bool has_gradient = false;     // false up to the first layer that has weights
    bool keeps_gradient = false;  // that of all groups, because it is looked at in another stage

    // Says that the backward pass reads the value.
    void keep() { kept_->keep = true; }
    bool is_kept() const { return kept_->keep; }
};

// Calls body(group, channel, y, pixels) for every row of pixels.
template <class Body>
SEEDBED_INLINE void each_row(const Shape& shape, const Groups& groups, Body body) {
    for (const int g : groups)
        for (int c = 0; c < shape.channels; ++c)
            for (int y = 0; y < shape.height; ++y) body(g, c, y, shape.width);
}

// A stretch of `length` cut into equal parts of at most `most`: their number, and the size of the part
// at `start`.
inline int parts(int length, int most) { return (length + most - 1) / most; }
inline int part(int length, int most, int start) {
    const int count = parts(length, most);
    const int size = length / count, larger = length % count;
    return start < larger * (size + 1) ? size + 1 : size;
}

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
