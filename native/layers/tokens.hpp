// From an image's patches to a sequence of tokens, and from tokens to the features of an image. A
// sequence is laid out as [feature][token][lane]: features are channels, tokens the pixels of one row.
#pragma once

#include <vector>

#include "graph.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// The same values, in the same order, in another shape.
template <int L>
class Reshape final : public Layer<L> {
  public:
    Reshape(Node<L>& in, Node<L>& out) : in_(in), out_(out) {}

    void forward(const Groups& groups) override {
        each_row(in_.value.shape, groups, [this](int g, int c, int y, int width) {
            std::memcpy(out_.value.at(g) + place(c, y), in_.value.at(g, c, y), bytes(width));
        });
    }

    void backward(const Groups& groups) override {
        if (!in_.has_gradient) return;
        each_row(in_.value.shape, groups, [this](int g, int c, int y, int width) {
            std::memcpy(in_.gradient.at(g, c, y), out_.gradient.at(g) + place(c, y), bytes(width));
        });
    }

  private:
    static std::size_t bytes(int pixels) { return sizeof(float) * L * pixels; }
    // Of a row of the input in the output, which has no border.
    std::ptrdiff_t place(int c, int y) const {
        const Shape& shape = in_.value.shape;
        return (static_cast<std::ptrdiff_t>(c) * shape.height + y) * shape.width * L;
    }

    Node<L>& in_;
    Node<L>& out_;
};

// Pixels become tokens.
template <int L>
struct Tokens {
    static void add(Graph<L>& graph, Settings&) {
        Node<L>& in = graph.pixels();
        const Shape from = in.value.shape;
        graph.template add<Reshape<L>>(in, {from.channels, 1, from.height * from.width});
        graph.take_groups_one_by_one();
    }
};

// Every pixel of every channel becomes a channel, for a layer that does not do that itself.
template <int L>
struct Flatten {
    static void add(Graph<L>& graph, Settings&) {
        Node<L>& in = graph.last();
        graph.template add<Reshape<L>>(in, {in.value.shape.features(), 1, 1});
    }
};

// One token more, in front of the others: a weight for each feature.
template <int L>
class ClassToken final : public Layer<L> {
  public:
    static void add(Graph<L>& graph, Settings&) {
        Node<L>& in = graph.tokens();
        const Shape from = in.value.shape;
        graph.template add<ClassToken>(in, {from.channels, 1, from.width + 1});
    }

    ClassToken(Node<L>& in, Node<L>& out) : in_(in), out_(out) {}

    std::size_t weights() const override { return in_.value.shape.channels; }
    void allocate(const Capacity& capacity) override {
        sums_ = Buffer<float>(weights() * L);
        order_.allocate(capacity.groups());
    }

    void begin(const float* weights, const float*, bool) override { weights_ = weights; }
    void enter(int) override {
        sums_.clear();
        order_.reset();
    }

    void forward(const Groups& groups) override {
        each_row(in_.value.shape, groups, [this](int g, int c, int, int width) {
            S::store(out_.value.at(g, c), S::splat(weights_[c]));
            std::memcpy(out_.value.at(g, c, 0, 1), in_.value.at(g, c), sizeof(float) * L * width);
        });
    }

    void backward(const Groups& groups) override {
        for (const int g : groups) {
            order_.wait(g);
            each_row(in_.value.shape, {g, g + 1}, [this](int g, int c, int, int width) {
                float* const sum = sums_.data() + c * L;
                S::store(sum, S::load(sum) + S::load(out_.gradient.at(g, c)));
                if (in_.has_gradient)
                    std::memcpy(in_.gradient.at(g, c), out_.gradient.at(g, c, 0, 1),
                                sizeof(float) * L * width);
            });
            order_.pass(g);
        }
    }

    void finish(float* gradient, const Share& share) override {
        const auto [first, last] = share.of(static_cast<std::ptrdiff_t>(weights()));
        for (std::ptrdiff_t c = first; c < last; ++c) gradient[c] = S::sum(S::load(sums_.data() + c * L));
    }

  private:
    using S = Simd<L>;
    Node<L>& in_;
    Node<L>& out_;
    const float* weights_ = nullptr;
    Buffer<float> sums_;
    Order order_;
};

// A number for every feature of every token, which is added to it: weights, or a table that is given.
template <int L>
class Positions final : public Layer<L> {
  public:
    static void add(Graph<L>& graph, Settings& settings) {
        std::vector<float> table = settings.numbers("table");
        Node<L>& in = graph.tokens();
        const Shape from = in.value.shape;
        if (!table.empty() && table.size() != static_cast<std::size_t>(from.features()))
            throw std::invalid_argument("positions of other tokens");
        graph.template add<Positions>(in, from, std::move(table));
    }

    // `table`: [token][feature], as the weights are; empty if these are learned.
    Positions(Node<L>& in, Node<L>& out, std::vector<float> table)
        : in_(in), out_(out), table_(std::move(table)) {}

    std::size_t weights() const override {
        return table_.empty() ? static_cast<std::size_t>(in_.value.shape.features()) : 0;
    }

    void allocate(const Capacity& capacity) override {
        sums_ = Buffer<float>(weights() * L);
        order_.allocate(capacity.groups());
    }

    void begin(const float* weights, const float*, bool) override {
        added_ = table_.empty() ? weights : table_.data();
    }
    void enter(int) override {
        sums_.clear();
        order_.reset();
    }

    void forward(const Groups& groups) override {
        each_row(in_.value.shape, groups, [this](int g, int c, int, int width) {
            const float* from = in_.value.at(g, c);
            float* to = out_.value.at(g, c);
            for (int t = 0; t < width; ++t)
                S::store(to + t * L, S::load(from + t * L) + added_[place(c, t)]);
        });
    }

    void backward(const Groups& groups) override {
        for (const int g : groups) {
            order_.wait(g);
            each_row(in_.value.shape, {g, g + 1}, [this](int g, int c, int, int width) {
                const float* from = out_.gradient.at(g, c);
                if (in_.has_gradient)
                    std::memcpy(in_.gradient.at(g, c), from, sizeof(float) * L * width);
                if (!table_.empty()) return;
                for (int t = 0; t < width; ++t) {
                    float* const sum = sums_.data() + place(c, t) * L;
                    S::store(sum, S::load(sum) + S::load(from + t * L));
                }
            });
            order_.pass(g);
        }
    }

    void finish(float* gradient, const Share& share) override {
        const auto [first, last] = share.of(static_cast<std::ptrdiff_t>(weights()));
        for (std::ptrdiff_t i = first; i < last; ++i) gradient[i] = S::sum(S::load(sums_.data() + i * L));
    }

  private:
    using S = Simd<L>;
    std::ptrdiff_t place(int feature, int token) const {
        return static_cast<std::ptrdiff_t>(token) * in_.value.shape.channels + feature;
    }

    Node<L>& in_;
    Node<L>& out_;
    const std::vector<float> table_;
    const float* added_ = nullptr;
    Buffer<float> sums_;
    Order order_;
};

// The mean of all tokens.
template <int L>
class TokenMean final : public Layer<L> {
  public:
    static void add(Graph<L>& graph, Settings&) {
        Node<L>& in = graph.tokens();
        graph.template add<TokenMean>(in, {in.value.shape.channels, 1, 1});
    }

    TokenMean(Node<L>& in, Node<L>& out) : in_(in), out_(out) {}

    void forward(const Groups& groups) override {
        each_row(in_.value.shape, groups, [this](int g, int c, int, int width) {
            const float* from = in_.value.at(g, c);
            auto sum = S::load(from);
            for (int t = 1; t < width; ++t) sum += S::load(from + t * L);
            S::store(out_.value.at(g, c), sum / static_cast<float>(width));
        });
    }

    void backward(const Groups& groups) override {
        if (!in_.has_gradient) return;
        each_row(in_.value.shape, groups, [this](int g, int c, int, int width) {
            const auto each = S::load(out_.gradient.at(g, c)) / static_cast<float>(width);
            float* to = in_.gradient.at(g, c);
            for (int t = 0; t < width; ++t) S::store(to + t * L, each);
        });
    }

  private:
    using S = Simd<L>;
    Node<L>& in_;
    Node<L>& out_;
};

// The first token alone.
template <int L>
class FirstToken final : public Layer<L> {
  public:
    static void add(Graph<L>& graph, Settings&) {
        Node<L>& in = graph.tokens();
        graph.template add<FirstToken>(in, {in.value.shape.channels, 1, 1});
    }

    FirstToken(Node<L>& in, Node<L>& out) : in_(in), out_(out) {}

    void forward(const Groups& groups) override {
        each_row(in_.value.shape, groups, [this](int g, int c, int, int) {
            S::store(out_.value.at(g, c), S::load(in_.value.at(g, c)));
        });
    }

    void backward(const Groups& groups) override {
        if (!in_.has_gradient) return;
        each_row(in_.value.shape, groups, [this](int g, int c, int, int width) {
            float* to = in_.gradient.at(g, c);
            S::store(to, S::load(out_.gradient.at(g, c)));
            std::memset(to + L, 0, sizeof(float) * L * (width - 1));
        });
    }

  private:
    using S = Simd<L>;
    Node<L>& in_;
    Node<L>& out_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
