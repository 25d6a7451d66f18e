// Maximum and average pooling.
#pragma once

#include "layers/tokens.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// Pooling over size×size windows. Windows that would reach over the edge are left out, as in
// PyTorch; the first of equal values is the maximum, and NaN is larger than any number.
template <int L>
class Pooling : public Layer<L> {
  public:
    Pooling(Node<L>& in, Node<L>& out, int size, int stride)
        : in_(in), out_(out), size_(size), stride_(stride) {}

  protected:
    using S = Simd<L>;

    template <class Kind>
    static void add_kind(Graph<L>& graph, Settings& settings) {
        const int size = settings.positive("kernel_size"), stride = settings.positive("stride");
        Node<L>& in = graph.pixels();
        const Shape from = in.value.shape;
        graph.template add<Kind>(in,
                                 {from.channels, graph.windows(from.height, size, stride),
                                  graph.windows(from.width, size, stride)},
                                 size, stride);
    }

    // Calls body(c, y) for every row of the output.
    template <class Body>
    SEEDBED_INLINE void each_output_row(Body body) {
        const Shape& to = out_.value.shape;
        for (int c = 0; c < to.channels; ++c)
            for (int y = 0; y < to.height; ++y) body(c, y);
    }

    // True if every input pixel is written exactly once by writing all windows.
    bool windows_cover() const {
        const Shape& from = in_.value.shape;
        return stride_ == size_ && from.height % size_ == 0 && from.width % size_ == 0;
    }

    void clear_gradient(int group) {
        const Shape& from = in_.value.shape;
        for (int c = 0; c < from.channels; ++c)
            for (int y = 0; y < from.height; ++y)
                std::memset(in_.gradient.at(group, c, y), 0, sizeof(float) * L * from.width);
    }

    Node<L>& in_;
    Node<L>& out_;
    const int size_, stride_;
};

template <int L>
class MaxPooling final : public Pooling<L> {
  public:
    using Pooling<L>::Pooling;

    static void add(Graph<L>& graph, Settings& settings) {
        Pooling<L>::template add_kind<MaxPooling>(graph, settings);
    }

    void forward(const Groups& groups) override {
        const bool remember = training_ && in_.has_gradient;
        for (const int g : groups)
            if (size_ == 2)
                remember ? forward_windows<2, true>(g) : forward_windows<2, false>(g);
            else
                remember ? forward_windows<0, true>(g) : forward_windows<0, false>(g);
    }
    void backward(const Groups& groups) override {
        if (!in_.has_gradient) return;
        const bool cover = this->windows_cover();
        for (const int g : groups) {
            if (!cover) this->clear_gradient(g);
            if (size_ == 2)
                cover ? backward_windows<2, true>(g) : backward_windows<2, false>(g);
            else
                cover ? backward_windows<0, true>(g) : backward_windows<0, false>(g);
        }
    }

    void allocate(const Capacity& capacity) override {
        slots_ = capacity.kept;
        winners_ = Buffer<std::int32_t>(in_.has_gradient ? group() * slots_.slots : 0);
    }

    void begin(const float*, const float*, bool training) override { training_ = training; }

  private:
    using S = Simd<L>;
    using Pooling<L>::in_;
    using Pooling<L>::out_;
    using Pooling<L>::size_;
    using Pooling<L>::stride_;

    std::ptrdiff_t group() const { return static_cast<std::ptrdiff_t>(out_.value.shape.features()) * L; }
    std::int32_t* winners(int g) { return winners_.data() + slots_.of(g) * group(); }

    // Size is that of the windows where the compiler may know it, else 0; Remember: whether a backward
    // pass will follow.
    template <int Size, bool Remember>
    void forward_windows(int g) {
        const int size = Size ? Size : size_, width = out_.value.shape.width;
        const std::ptrdiff_t row = in_.value.row(), step = std::ptrdiff_t{L} * stride_;
        std::int32_t* winner = Remember ? winners(g) : nullptr;
        this->each_output_row([&](int c, int y) {
            const float* from = in_.value.at(g, c, y * stride_);
            float* to = out_.value.at(g, c, y);
            for (int x = 0; x < width; ++x, from += step, to += L) {
                auto best = S::load(from);
                typename S::Int index{};
                for (int i = 0; i < size * size; ++i) {
                    const auto v = S::load(from + i / size * row + i % size * std::ptrdiff_t{L});
                    const auto better = (v > best) | (v != v);
                    best = select(better, v, best);
                    if constexpr (Remember) index = select(better, S::splat(i), index);
                }
                S::store(to, best);
                if constexpr (Remember) {
                    S::store(winner, index);
                    winner += L;
                }
            }
        });
    }

    // Cover: whether every pixel belongs to one window.
    template <int Size, bool Cover>
    void backward_windows(int g) {
        const int size = Size ? Size : size_, width = out_.value.shape.width;
        const std::ptrdiff_t row = in_.gradient.row(), step = std::ptrdiff_t{L} * stride_;
        const std::int32_t* winner = winners(g);
        this->each_output_row([&](int c, int y) {
            float* to = in_.gradient.at(g, c, y * stride_);
            const float* from = out_.gradient.at(g, c, y);
            for (int x = 0; x < width; ++x, from += L, to += step, winner += L) {
                const auto d = S::load(from);
                const auto index = S::load(winner);
                for (int i = 0; i < size * size; ++i) {
                    float* p = to + i / size * row + i % size * std::ptrdiff_t{L};
                    const auto part = select(index == i, d, typename S::Vec{});
                    S::store(p, Cover ? part : S::load(p) + part);
                }
            }
        });
    }

    bool training_ = false;
    Slots slots_;
    Buffer<std::int32_t> winners_;
};

template <int L>
class AveragePooling final : public Pooling<L> {
  public:
    using Pooling<L>::Pooling;

    static void add(Graph<L>& graph, Settings& settings) {
        Pooling<L>::template add_kind<AveragePooling>(graph, settings);
    }

    void forward(const Groups& groups) override {
        const float scale = 1.0f / static_cast<float>(size_ * size_);
        for (const int g : groups)
            this->each_output_row([&](int c, int y) {
                for (int x = 0; x < out_.value.shape.width; ++x) {
                    auto sum = typename S::Vec{};
                    for (int i = 0; i < size_; ++i) {
                        const float* from = in_.value.at(g, c, y * stride_ + i, x * stride_);
                        for (int j = 0; j < size_; ++j) sum += S::load(from + j * L);
                    }
                    S::store(out_.value.at(g, c, y, x), sum * scale);
                }
            });
    }

    void backward(const Groups& groups) override {
        if (!in_.has_gradient) return;
        const float scale = 1.0f / static_cast<float>(size_ * size_);
        for (const int g : groups) {
            this->clear_gradient(g);
            this->each_output_row([&](int c, int y) {
                for (int x = 0; x < out_.value.shape.width; ++x) {
                    const auto d = S::load(out_.gradient.at(g, c, y, x)) * scale;
                    for (int i = 0; i < size_; ++i) {
                        float* to = in_.gradient.at(g, c, y * stride_ + i, x * stride_);
                        for (int j = 0; j < size_; ++j) S::store(to + j * L, S::load(to + j * L) + d);
                    }
                }
            });
        }
    }

  private:
    using S = Simd<L>;
    using Pooling<L>::in_;
    using Pooling<L>::out_;
    using Pooling<L>::size_;
    using Pooling<L>::stride_;
};

// The mean of all pixels of a channel.
template <int L>
struct GlobalAveragePooling {
    static void add(Graph<L>& graph, Settings&) {
        Node<L>& in = graph.pixels();
        const Shape from = in.value.shape;
        Node<L>& row = graph.template add<Reshape<L>>(in, {from.channels, 1, from.height * from.width});
        graph.template add<TokenMean<L>>(row, {from.channels, 1, 1});
    }
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
