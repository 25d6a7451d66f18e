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

    // Calls body(c, y, x) for every output pixel.
    template <class Body>
    SEEDBED_INLINE void each_output(Body body) {
        const Shape& to = out_.value.shape;
        for (int c = 0; c < to.channels; ++c)
            for (int y = 0; y < to.height; ++y)
                for (int x = 0; x < to.width; ++x) body(c, y, x);
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
        size_ == 2 ? forward_windows<2>(groups, 2) : forward_windows<0>(groups, size_);
    }
    void backward(const Groups& groups) override {
        if (!in_.has_gradient) return;
        size_ == 2 ? backward_windows<2>(groups, 2) : backward_windows<0>(groups, size_);
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

    // Size is that of the windows where the compiler may know it, else 0.
    template <int Size>
    void forward_windows(const Groups& groups, int known) {
        const int size = Size ? Size : known;
        const bool remember = training_ && in_.has_gradient;
        for (const int g : groups) {
            std::int32_t* winner = remember ? winners(g) : nullptr;
            this->each_output([&](int c, int y, int x) {
                const float* from = in_.value.at(g, c, y * stride_, x * stride_);
                auto best = S::load(from);
                typename S::Int index{};
                for (int i = 0; i < size * size; ++i) {
                    const auto v =
                        S::load(from + i / size * in_.value.row() + i % size * std::ptrdiff_t{L});
                    const auto better = (v > best) | (v != v);
                    best = select(better, v, best);
                    index = select(better, S::splat(i), index);
                }
                S::store(out_.value.at(g, c, y, x), best);
                if (remember) {
                    S::store(winner, index);
                    winner += L;
                }
            });
        }
    }

    template <int Size>
    void backward_windows(const Groups& groups, int known) {
        const int size = Size ? Size : known;
        const bool cover = this->windows_cover();
        for (const int g : groups) {
            if (!cover) this->clear_gradient(g);
            const std::int32_t* winner = winners(g);
            this->each_output([&](int c, int y, int x) {
                float* to = in_.gradient.at(g, c, y * stride_, x * stride_);
                const auto d = S::load(out_.gradient.at(g, c, y, x));
                const auto index = S::load(winner);
                winner += L;
                for (int i = 0; i < size * size; ++i) {
                    float* p = to + i / size * in_.gradient.row() + i % size * std::ptrdiff_t{L};
                    const auto part = select(index == i, d, typename S::Vec{});
                    S::store(p, cover ? part : S::load(p) + part);
                }
            });
        }
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
            this->each_output([&](int c, int y, int x) {
                auto sum = typename S::Vec{};
                for (int i = 0; i < size_; ++i) {
                    const float* from = in_.value.at(g, c, y * stride_ + i, x * stride_);
                    for (int j = 0; j < size_; ++j) sum += S::load(from + j * L);
                }
                S::store(out_.value.at(g, c, y, x), sum * scale);
            });
    }

    void backward(const Groups& groups) override {
        if (!in_.has_gradient) return;
        const float scale = 1.0f / static_cast<float>(size_ * size_);
        for (const int g : groups) {
            this->clear_gradient(g);
            this->each_output([&](int c, int y, int x) {
                const auto d = S::load(out_.gradient.at(g, c, y, x)) * scale;
                for (int i = 0; i < size_; ++i) {
                    float* to = in_.gradient.at(g, c, y * stride_ + i, x * stride_);
                    for (int j = 0; j < size_; ++j) S::store(to + j * L, S::load(to + j * L) + d);
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
