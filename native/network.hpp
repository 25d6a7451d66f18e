// A network: its layers, what passes between them, and the memory for that.
#pragma once

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <vector>

#include "activation.hpp"
#include "attention.hpp"
#include "batch_norm.hpp"
#include "convolution.hpp"
#include "dropout.hpp"
#include "gelu.hpp"
#include "layer_norm.hpp"
#include "linear.hpp"
#include "memory.hpp"
#include "pooling.hpp"
#include "residual.hpp"
#include "token_linear.hpp"
#include "tokens.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// Layers are added front to back, a linear layer last; then `finish` takes memory. Layers that do not
// fit are refused with std::invalid_argument.
template <int L>
class Network {
  public:
    explicit Network(Shape image) { node(image); }

    void convolution(int channels, int kernel, int stride, Border padding, bool bias) {
        Node<L>& in = spatial();
        const Shape from = in.value.shape;
        const Shape padded = shape(from.channels, 0LL + padding.top + from.height + padding.bottom,
                                   0LL + padding.left + from.width + padding.right);
        Border& border = in.value.border;  // which a shortcut's convolution may need larger
        border = {std::max(border.top, padding.top), std::max(border.left, padding.left),
                  std::max(border.bottom, padding.bottom), std::max(border.right, padding.right)};
        Node<L>& out = node({channels, windows(padded.height, kernel, stride),
                             windows(padded.width, kernel, stride)});
        out.has_gradient = true;
        push(std::make_unique<Convolution<L>>(in, out, kernel, stride, padding, bias), in, out);
    }

    void batch_norm() {
        Node<L>& in = spatial();
        nodes_.push_back(std::make_unique<Node<L>>(in, false));
        Node<L>& same = *nodes_.back();
        Node<L>& out = node(in.value.shape);
        out.has_gradient = true;
        auto moments = std::make_unique<BatchMoments<L>>(in, out);
        auto norm = std::make_unique<BatchNorm<L>>(same, out, *moments);
        push(std::move(moments), in, same).gradient = &out;
        stages_.push_back(layers_.size());
        push(std::move(norm), same, out);
    }

    void linear(int features) {
        if (!forks_.empty()) throw std::invalid_argument("a linear layer in a branch");
        Node<L>& in = *nodes_.back();
        Node<L>& out = node({features, 1, 1});
        out.has_gradient = true;
        if (!dense_) {
            dense_ = &in;
            first_linear_ = layers_.size();
        }
        push(std::make_unique<Linear<L>>(in, out), in, out);
    }

    void max_pool(int size, int stride) { pool<MaxPooling<L>>(size, stride); }
    void average_pool(int size, int stride) { pool<AveragePooling<L>>(size, stride); }

    void global_average_pool() {
        Node<L>& in = spatial();
        const Shape from = in.value.shape;
        add<TokenMean<L>>(add<Reshape<L>>(in, {from.channels, 1, from.height * from.width}),
                          {from.channels, 1, 1});
    }

    void dropout(float rate) {
        Node<L>& in = *nodes_.back();
        Node<L>& out = node(in.value.shape);
        push(std::make_unique<Dropout<L>>(in, out, rate, mask_), in, out);
        mask_ += in.value.shape.features();
    }

    // Pixels become tokens, and a group of lanes from then on passes through all layers, forward and
    // backward, before the next: what it leaves behind for the backward pass stays in the cache.
    void tokens() {
        Node<L>& in = spatial();
        const Shape from = in.value.shape;
        add<Reshape<L>>(in, {from.channels, 1, from.height * from.width});
        group_by_group_ = true;
    }

    void class_token() {
        Node<L>& in = sequence();
        const Shape from = in.value.shape;
        add<ClassToken<L>>(in, {from.channels, 1, from.width + 1}).has_gradient = true;
    }

    // `table`: [token][feature], or nothing if it is learned.
    void positions(std::vector<float> table) {
        Node<L>& in = sequence();
        const Shape from = in.value.shape;
        if (!table.empty() && table.size() != static_cast<std::size_t>(from.features()))
            throw std::invalid_argument("positions of other tokens");
        const bool learned = table.empty();
        Node<L>& out = add<Positions<L>>(in, from, std::move(table));
        out.has_gradient = out.has_gradient || learned;
    }

    void token_linear(int features) {
        Node<L>& in = sequence();
        const Shape from = in.value.shape;
        shape(features, from.channels, 1);  // so many weights
        add<TokenLinear<L>>(in, {features, 1, from.width}).has_gradient = true;
    }

    // Of every token, or of the first one alone, where nobody asks for the others.
    void attention(int heads, bool first_only) {
        Node<L>& in = sequence();
        const Shape from = in.value.shape;
        if (from.channels % (3LL * heads) != 0)
            throw std::invalid_argument("heads that do not divide the features");
        shape(heads, from.width, from.width);
        add<Attention<L>>(in, {from.channels / 3, 1, first_only ? 1 : from.width}, heads);
    }

    // Every pixel of every channel becomes a channel, for a layer that does not do that itself.
    void flatten() {
        Node<L>& in = *nodes_.back();
        add<Reshape<L>>(in, {in.value.shape.features(), 1, 1});
    }

    void layer_norm() {
        Node<L>& in = *nodes_.back();
        add<LayerNorm<L>>(in, in.value.shape).has_gradient = true;
    }

    void token_mean() {
        Node<L>& in = sequence();
        add<TokenMean<L>>(in, {in.value.shape.channels, 1, 1});
    }

    void first_token() {
        Node<L>& in = sequence();
        add<FirstToken<L>>(in, {in.value.shape.channels, 1, 1});
    }

    // The layers up to `join` are a branch, which is added to what it began with, or to the first
    // tokens of that; while training it is left out for an image with the probability `rate`. The
    // layers between `shortcut` and `join`, if there are any, begin where the branch began, and the
    // branch is added to what they give.
    void fork() {
        Node<L>& in = spatial();
        in.keep();
        Node<L>& out = start(in);
        auto fork = std::make_unique<Fork<L>>(in, out);
        Fork<L>* const pointer = fork.get();
        forks_.push_back({&in, pointer, layers_.size(), nullptr, nullptr});
        push(std::move(fork), in, out);
        replaceable_ = false;
    }

    void shortcut() {
        if (forks_.empty()) throw std::invalid_argument("no branch beside the shortcut");
        Branch& from = forks_.back();
        if (from.end) throw std::invalid_argument("a second shortcut");
        if (steps_.size() == from.place + 1) throw std::invalid_argument("a branch without layers");
        from.end = nodes_.back().get();
        from.same_gradient = may_share_gradient();
        from.shortcut = &start(*from.main);
        replaceable_ = false;
    }

    void join(float rate) {
        if (forks_.empty()) throw std::invalid_argument("no branch to join");
        Branch from = forks_.back();
        Node<L>& last = *nodes_.back();
        Node<L>& branch = from.end ? *from.end : last;
        Node<L>& main = from.end ? last : *from.main;
        const Shape &one = main.value.shape, &other = branch.value.shape;
        if (one.channels != other.channels || one.height != other.height || one.width < other.width ||
            (one.width > other.width && one.height != 1))
            throw std::invalid_argument("a branch of another shape");
        if (!branch.has_gradient || steps_.size() == from.place + 1)
            throw std::invalid_argument("a branch without weights");
        if (&last == from.shortcut) throw std::invalid_argument("a shortcut without layers");
        forks_.pop_back();
        const bool same = rate == 0.0f && may_share_gradient() && (!from.end || from.same_gradient);
        Node<L>& out = node(other);
        out.has_gradient = true;
        auto join = std::make_unique<Join<L>>(main, branch, out, from.end, rate, mask_, same);
        Step<L>& step = push(std::move(join), branch, out);
        step.value = &main;
        if (from.end) step.gradient = &main;
        if (rate > 0.0f) ++mask_;
        Node<L>& way = from.end ? *from.shortcut : out;
        from.fork->join(way);
        steps_[from.place].gradient = &way;
    }

    void gelu() {
        Node<L>& in = *nodes_.back();
        Node<L>& out = replaceable_ ? in : node(in.value.shape);
        push(std::make_unique<Gelu<L>>(in, out), in, out);
    }

    void relu() { activation(Relu<L>{}); }
    void leaky_relu(float slope) { activation(LeakyRelu<L>{slope}); }
    void elu(float alpha) { activation(Elu<L>{alpha}); }
    void sigmoid() { activation(Sigmoid<L>{}); }
    void tanh() { activation(Tanh<L>{}); }

    std::size_t weights() const { return weights_; }
    // Numbers that stand behind the weights, and are kept from batch to batch without a gradient.
    std::size_t state() const { return state_; }
    int classes() const { return nodes_.back()->value.shape.features(); }
    std::ptrdiff_t mask() const { return mask_; }
    int capacity() const { return groups_ * L; }

  protected:
    // Takes memory for up to `images` images at a time.
    void finish(int images) {
        if (layers_.empty() || !dynamic_cast<const Linear<L>*>(layers_.back().get()))
            throw std::invalid_argument("the last layer is not linear");
        if (!forks_.empty()) throw std::invalid_argument("a branch without its end");
        groups_ = images / L + (images % L != 0);
        at_once_ = group_by_group_ && stages_.size() == 1 ? 1 : groups_;
        // Within a stage one group passes through all layers before the next, so what nobody looks at
        // again needs room for one group only.
        MemoryPlan<L>({steps_.begin(), steps_.begin() + first_linear_}, stages_, dense_, groups_).apply();
        bool spatial = true;
        for (auto& n : nodes_) {
            if (n.get() == dense_) spatial = false;
            if (!n->value.allocated())
                n->value.allocate(!spatial ? groups_ : n->is_kept() ? at_once_ : 1);
            if (!n->has_gradient || n->gradient.allocated()) continue;
            n->gradient.shape = n->value.shape;
            n->gradient.allocate(!spatial || n->keeps_gradient ? groups_ : 1);
        }
        for (std::size_t i = 0; i < layers_.size(); ++i) {
            layers_[i]->allocate(i < first_linear_ ? at_once_ : groups_);
            weights_ += layers_[i]->weights();
            state_ += layers_[i]->state();
        }
    }

    // Takes the weights and the state behind them, for a batch of so many images.
    void begin(const float* weights, bool training, int images) {
        const float* state = weights + weights_;
        for (auto& layer : layers_) {
            layer->begin(weights, training);
            layer->enter(state, images);
            weights += layer->weights();
            state += layer->state();
        }
    }

    std::size_t end(int stage) const {
        const auto next = static_cast<std::size_t>(stage) + 1;
        return next < stages_.size() ? stages_[next] : first_linear_;
    }
    void forward_stage(int stage, int g) {
        for (std::size_t i = stages_[stage]; i < end(stage); ++i) layers_[i]->forward(g, g + 1);
    }
    void backward_stage(int stage, int g) {
        for (std::size_t i = end(stage); i-- > stages_[stage];) layers_[i]->backward(g, g + 1);
    }

    void forward_dense(int first, int last) {
        for (std::size_t i = first_linear_; i < layers_.size(); ++i) layers_[i]->forward(first, last);
    }
    void backward_dense(int first, int last) {
        for (std::size_t i = layers_.size(); i-- > first_linear_;) layers_[i]->backward(first, last);
    }

    std::vector<std::unique_ptr<Node<L>>> nodes_;  // the first is the image, the last the logits
    std::vector<std::unique_ptr<Layer<L>>> layers_;
    // The layers, up to the first linear one, that begin a stage: all groups pass through one stage
    // before the next.
    std::vector<std::size_t> stages_{0};
    int groups_ = 0;
    int at_once_ = 0;  // groups that pass through all layers, forward and backward, before the next
    std::ptrdiff_t mask_ = 0;  // numbers of all dropout layers and branches

  private:
    struct Branch {
        Node<L>* main;      // where it began
        Fork<L>* fork;
        std::size_t place;  // of the fork
        Node<L>* end;       // and where the shortcut begins, if there is one
        Node<L>* shortcut;
        bool same_gradient = false;  // the branch's last layer leaves that of its output as it is
    };

    // Places within a group of lanes are kept in 32 bits, borders included.
    static Shape shape(std::int64_t channels, std::int64_t height, std::int64_t width) {
        const double places = static_cast<double>(channels) * height * width * L;
        if (channels < 1 || height < 1 || width < 1 || places > 1 << 28)
            throw std::invalid_argument("activations too small or too large");
        return {static_cast<int>(channels), static_cast<int>(height), static_cast<int>(width)};
    }

    static int windows(int length, int size, int stride) {
        if (size > length) throw std::invalid_argument("a window larger than its input");
        return (length - size) / stride + 1;
    }

    // The last node, for a layer that looks at neighbouring pixels.
    Node<L>& spatial() {
        if (dense_) throw std::invalid_argument("a spatial layer behind a linear one");
        return *nodes_.back();
    }

    // The last node, for a layer of tokens.
    Node<L>& sequence() {
        Node<L>& last = spatial();
        if (last.value.shape.height != 1) throw std::invalid_argument("tokens stand in one row");
        return last;
    }

    Step<L>& push(std::unique_ptr<Layer<L>> layer, Node<L>& in, Node<L>& out) {
        layers_.push_back(std::move(layer));
        steps_.push_back({layers_.back().get(), &in, &out});
        replaceable_ = true;
        return steps_.back();
    }

    // Another way to the value of a node.
    Node<L>& start(Node<L>& in) {
        nodes_.push_back(std::make_unique<Node<L>>(in, in.has_gradient));
        return *nodes_.back();
    }

    // Whether the last layer leaves the gradient of its output as it is.
    bool may_share_gradient() const {
        return steps_.back().in != steps_.back().out &&
               !dynamic_cast<const Join<L>*>(layers_.back().get());
    }

    // Adds a layer from `in` to a new node, which has a gradient where `in` has one.
    template <class Kind, class... Settings>
    Node<L>& add(Node<L>& in, Shape next, Settings... settings) {
        Node<L>& out = node(next);
        push(std::make_unique<Kind>(in, out, std::move(settings)...), in, out);
        return out;
    }

    Node<L>& node(Shape next) {
        auto added = std::make_unique<Node<L>>();
        added->value.shape = shape(next.channels, next.height, next.width);
        added->has_gradient = !nodes_.empty() && nodes_.back()->has_gradient;
        nodes_.push_back(std::move(added));
        return *nodes_.back();
    }

    template <class Pool>
    void pool(int size, int stride) {
        Node<L>& in = spatial();
        const Shape from = in.value.shape;
        Node<L>& out = node({from.channels, windows(from.height, size, stride),
                             windows(from.width, size, stride)});
        push(std::make_unique<Pool>(in, out, size, stride), in, out);
    }

    template <class Function>
    void activation(Function function) {
        Node<L>& in = *nodes_.back();
        // The output takes the place of the input, unless somebody still needs that.
        Node<L>& out = replaceable_ ? in : node(in.value.shape);
        push(std::make_unique<Activation<L, Function>>(in, out, function), in, out);
        replaceable_ = false;
    }

    std::vector<Step<L>> steps_;      // of every layer
    const Node<L>* dense_ = nullptr;  // the first linear layer's input
    std::size_t first_linear_ = 0;
    bool group_by_group_ = false;
    std::vector<Branch> forks_;  // whose branch has not ended yet
    bool replaceable_ = false;   // the last node's value may be overwritten by an activation
    std::size_t weights_ = 0;
    std::size_t state_ = 0;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
