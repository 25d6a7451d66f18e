// A network, and the training of its weights, on one core.
#pragma once

#include <cmath>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "activation.hpp"
#include "attention.hpp"
#include "convolution.hpp"
#include "dropout.hpp"
#include "gelu.hpp"
#include "images.hpp"
#include "layer_norm.hpp"
#include "linear.hpp"
#include "loss.hpp"
#include "optimizer.hpp"
#include "pooling.hpp"
#include "residual.hpp"
#include "token_linear.hpp"
#include "tokens.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// Images and their labels, as the dataset stores them, and the order in which to take them.
struct Batches {
    const std::uint8_t* images = nullptr;
    const std::int64_t* labels = nullptr;
    const std::int64_t* order = nullptr;
    const Warp* warps = nullptr;  // one for every place in the order, or null
    std::int64_t count = 0;       // places in the order
    // For every place, a byte for every feature of every dropout layer and every branch that may be
    // left out, 1 where it is kept; or null.
    const std::uint8_t* masks = nullptr;
};

// What the gradient is taken of.
struct Objective {
    Loss loss = Loss::cross_entropy;
    float smoothing = 0.0f;
};

// Layers are added front to back, a linear layer last; then `finish` takes memory. After that a
// trainer holds nothing that outlives a call but memory: weights come and go as arguments. Layers
// that do not fit are refused with std::invalid_argument.
template <int L>
class Trainer {
  public:
    Trainer(Shape image, std::vector<float> scale, std::vector<float> offset)
        : loader_(shape(image.channels, image.height, image.width), std::move(scale),
                  std::move(offset)) {
        node(image);
    }

    void convolution(int channels, int kernel, int stride, Border padding) {
        Node<L>& in = spatial();
        const Shape from = in.value.shape;
        const Shape padded = shape(from.channels, 0LL + padding.top + from.height + padding.bottom,
                                   0LL + padding.left + from.width + padding.right);
        in.value.border = padding;
        Node<L>& out = node({channels, windows(padded.height, kernel, stride),
                             windows(padded.width, kernel, stride)});
        out.has_gradient = true;
        push(std::make_unique<Convolution<L>>(in, out, kernel, stride), in, out);
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
    // tokens of that; while training it is left out for an image with the probability `rate`.
    void fork() {
        Node<L>& in = spatial();
        in.keep();
        nodes_.push_back(std::make_unique<Node<L>>(in));
        Node<L>& out = *nodes_.back();
        auto fork = std::make_unique<Fork<L>>(in, out);
        forks_.push_back({&in, &out, fork.get()});
        push(std::move(fork), in, out);
        replaceable_ = false;
    }

    void join(float rate) {
        Node<L>& branch = *nodes_.back();
        if (forks_.empty()) throw std::invalid_argument("no branch to join");
        const Branch from = forks_.back();
        const Shape &one = from.main->value.shape, &other = branch.value.shape;
        if (one.channels != other.channels || one.height != other.height || one.width < other.width ||
            (one.width > other.width && one.height != 1))
            throw std::invalid_argument("a branch of another shape");
        if (&branch == from.start || !branch.has_gradient) throw std::invalid_argument("a branch without weights");
        forks_.pop_back();
        // Unless the branch's last layer would change the gradient in its place.
        const bool same = rate == 0.0f && steps_.back().in != steps_.back().out &&
                          !dynamic_cast<const Join<L>*>(layers_.back().get());
        Node<L>& out = node(other);
        out.has_gradient = true;
        push(std::make_unique<Join<L>>(*from.main, branch, out, rate, mask_, same), branch, out);
        if (rate > 0.0f) ++mask_;
        from.fork->join(out);
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

    // Takes memory for up to `images` images at a time.
    void finish(int images) {
        if (layers_.empty() || !dynamic_cast<const Linear<L>*>(layers_.back().get()))
            throw std::invalid_argument("the last layer is not linear");
        if (!forks_.empty()) throw std::invalid_argument("a branch without its end");
        groups_ = images / L + (images % L != 0);
        // Up to the first linear layer one group passes through all layers before the next, so what
        // nobody looks at again needs room for one group only.
        const int kept_groups = group_by_group_ ? 1 : groups_;
        share_values();
        share_gradients();
        bool spatial = true;
        for (auto& n : nodes_) {
            if (n.get() == dense_) spatial = false;
            if (!n->value.allocated())
                n->value.allocate(!spatial ? groups_ : n->is_kept() ? kept_groups : 1);
            if (!n->has_gradient || n->gradient.allocated()) continue;
            n->gradient.shape = n->value.shape;
            n->gradient.allocate(spatial ? 1 : groups_);
        }
        std::size_t count = 0;
        for (std::size_t i = 0; i < layers_.size(); ++i) {
            layers_[i]->allocate(i < first_linear_ ? kept_groups : groups_);
            count += layers_[i]->weights();
        }
        gradient_ = Buffer<float>(count);
        labels_ = Buffer<std::int32_t>(static_cast<std::size_t>(groups_) * L);
    }

    std::size_t weights() const { return gradient_.size(); }
    int classes() const { return nodes_.back()->value.shape.features(); }
    std::ptrdiff_t mask() const { return mask_; }
    int capacity() const { return groups_ * L; }
    const float* gradient() const { return gradient_.data(); }

    // Trains on the batches in their order, one step for every learning rate. Stops after a step
    // whose loss is not finite; the loss that is returned is then not finite either. The losses are
    // added to `loss`, that of the steps before, so that the sum's bits do not depend on how many
    // calls the steps are shared among.
    Score train(const Batches& batches, int batch_size, const Optimizer& optimizer, Weights run,
                std::int64_t first_step, const float* learning_rates, const float* average_decays,
                const Objective& objective, double loss) {
        Score total{loss, 0};
        std::int64_t step = 0;
        for (std::int64_t at = 0; at < batches.count; at += batch_size, ++step) {
            const int count = static_cast<int>(std::min<std::int64_t>(batch_size, batches.count - at));
            const Score score = gradient_of(batches, at, count, run.weights, objective);
            total.loss += score.loss;
            total.correct += score.correct;
            if (!std::isfinite(score.loss)) break;
            update(optimizer, run, gradient_.data(), first_step + step, learning_rates[step],
                   average_decays ? average_decays[step] : 0.0f);
        }
        return total;
    }

    // The mean loss's gradient with respect to all weights, into gradient(); the summed score.
    Score gradient_of(const Batches& batches, std::int64_t at, int count, const float* weights,
                      const Objective& objective) {
        begin(weights, true);
        const int groups = (count + L - 1) / L;
        Score total;
        if (group_by_group_) {
            for (int g = 0; g < groups; ++g) {
                forward_spatial(batches, at, count, g, true);
                forward_dense(g, g + 1);
                score(batches, at, count, g, objective, total);
                backward_dense(g, g + 1);
                backward_spatial(g);
            }
        } else {
            for (int g = 0; g < groups; ++g) forward_spatial(batches, at, count, g, true);
            forward_dense(0, groups);
            for (int g = 0; g < groups; ++g) score(batches, at, count, g, objective, total);
            backward_dense(0, groups);
            for (int g = 0; g < groups; ++g) backward_spatial(g);
        }
        float* to = gradient_.data();
        for (auto& layer : layers_) {
            layer->finish(to);
            to += layer->weights();
        }
        return total;
    }

    // logits[i·classes + k] of `batches.count` images.
    void logits(const Batches& batches, const float* weights, float* out) {
        for (std::int64_t at = 0; at < batches.count; at += capacity()) {
            const int count = static_cast<int>(std::min<std::int64_t>(capacity(), batches.count - at));
            const int groups = (count + L - 1) / L;
            begin(weights, false);
            for (int g = 0; g < groups; ++g) forward_spatial(batches, at, count, g, false);
            forward_dense(0, groups);
            for (int i = 0; i < count; ++i, out += classes())
                for (int k = 0; k < classes(); ++k)
                    out[k] = nodes_.back()->value.at(i / L)[k * L + i % L];
        }
    }

  private:
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

    // Memory for tensors that are needed for a few layers only, which others then take over.
    class Scratch {
      public:
        using Memory = std::shared_ptr<Buffer<float>>;

        void give(Tensor<L>& tensor) {
            const auto count = static_cast<std::size_t>(tensor.shape.features()) * L;
            auto& free = free_[count];
            if (free.empty()) free.push_back(std::make_shared<Buffer<float>>(count));
            const Memory memory = free.back();
            free.pop_back();
            users_[memory] = 0;
            share(tensor, memory);
        }
        void share(Tensor<L>& tensor, const Memory& memory) {
            tensor.share(memory);
            ++users_[memory];
        }
        bool has(const Tensor<L>& tensor) const { return users_.count(tensor.memory()) > 0; }
        void take_back(const Tensor<L>& tensor) {
            if (!has(tensor)) return;
            const Memory& memory = tensor.memory();
            if (--users_[memory] > 0) return;
            users_.erase(memory);
            free_[memory->size()].push_back(memory);
        }

      private:
        std::map<std::size_t, std::vector<Memory>> free_;
        std::map<Memory, int> users_;
    };

    // Values that the backward pass does not read.
    void share_values() {
        Scratch scratch;
        for (std::size_t i = 0; i < first_linear_; ++i) {
            const auto [in, out] = steps_[i];
            if (in == out) continue;
            if (out != dense_ && !out->is_kept() && out->value.border.none()) scratch.give(out->value);
            scratch.take_back(in->value);
        }
    }

    // Gradients, in the order of the backward pass. Along the main path, past the branches, they stay
    // in one memory where the layers allow it.
    void share_gradients() {
        Scratch scratch;
        const auto shared = [&](Node<L>& n, const Node<L>* with) {
            if (!n.has_gradient || &n == dense_ || !n.gradient.border.none()) return false;
            n.gradient.shape = n.value.shape;
            const bool same = with && scratch.has(with->gradient) &&
                              with->value.shape.features() == n.value.shape.features();
            if (same)
                scratch.share(n.gradient, with->gradient.memory());
            else
                scratch.give(n.gradient);
            return same;
        };
        for (std::size_t i = first_linear_; i-- > 0;) {
            const auto [in, out] = steps_[i];
            if (in == out) continue;
            if (const auto* join = dynamic_cast<const Join<L>*>(layers_[i].get())) {
                shared(*in, join->same_gradient ? out : nullptr);
                continue;  // that of the sum is needed until the fork
            }
            if (const auto* fork = dynamic_cast<const Fork<L>*>(layers_[i].get())) {
                const Tensor<L>& sum = fork->sum().gradient;
                shared(*in, sum.memory() == out->gradient.memory() ? out : nullptr);
                scratch.take_back(sum);
            } else {
                // Layer norm directly behind a fork can add its gradient to that of the sum.
                auto* norm = dynamic_cast<LayerNorm<L>*>(layers_[i].get());
                const auto* before = i > 0 ? dynamic_cast<const Fork<L>*>(layers_[i - 1].get()) : nullptr;
                if (shared(*in, norm && before ? &before->sum() : nullptr)) norm->add();
            }
            scratch.take_back(out->gradient);
        }
    }

    void push(std::unique_ptr<Layer<L>> layer, Node<L>& in, Node<L>& out) {
        layers_.push_back(std::move(layer));
        steps_.push_back({&in, &out});
        replaceable_ = true;
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

    void begin(const float* weights, bool training) {
        for (auto& layer : layers_) {
            layer->begin(weights, training);
            weights += layer->weights();
        }
    }

    // Of group g of the `count` images from place `at` on: up to the first linear layer.
    void forward_spatial(const Batches& batches, std::int64_t at, int count, int g, bool training) {
        const std::int64_t first = at + g * L;
        const int images = std::min(L, count - g * L);
        loader_.load(batches.images, batches.order + first,
                     batches.warps ? batches.warps + first : nullptr, images, nodes_.front()->value,
                     g);
        if (training && batches.masks)
            for (auto& layer : layers_)
                layer->load(batches.masks + first * mask_, mask_, g, images);
        for (std::size_t i = 0; i < first_linear_; ++i) layers_[i]->forward(g, g + 1);
    }

    void forward_dense(int first, int last) {
        for (std::size_t i = first_linear_; i < layers_.size(); ++i) layers_[i]->forward(first, last);
    }

    // Adds the score of group g, and writes the gradient of its logits.
    void score(const Batches& batches, std::int64_t at, int count, int g, const Objective& objective,
               Score& total) {
        for (int lane = 0; lane < L; ++lane) {
            const int i = g * L + lane;
            labels_[i] =
                i < count ? static_cast<std::int32_t>(batches.labels[batches.order[at + i]]) : -1;
        }
        Node<L>& last = *nodes_.back();
        const GroupLoss<L> loss(objective.loss, classes(), objective.smoothing);
        const Score found =
            loss(last.value.at(g), last.gradient.at(g),
                 labels_.data() + static_cast<std::ptrdiff_t>(g) * L, 1.0f / static_cast<float>(count));
        total.loss += found.loss;
        total.correct += found.correct;
    }

    void backward_dense(int first, int last) {
        for (std::size_t i = layers_.size(); i-- > first_linear_;) layers_[i]->backward(first, last);
    }

    void backward_spatial(int g) {
        for (std::size_t i = first_linear_; i-- > 0;) layers_[i]->backward(g, g + 1);
    }

    ImageLoader<L> loader_;
    std::vector<std::unique_ptr<Node<L>>> nodes_;
    std::vector<std::unique_ptr<Layer<L>>> layers_;
    struct Step {
        Node<L>* in;
        Node<L>* out;
    };
    std::vector<Step> steps_;  // of every layer
    const Node<L>* dense_ = nullptr;  // the first linear layer's input
    std::size_t first_linear_ = 0;
    int groups_ = 0;
    bool group_by_group_ = false;
    struct Branch {
        Node<L>* main;
        Node<L>* start;
        Fork<L>* fork;
    };
    std::vector<Branch> forks_;  // whose branch has not ended yet
    std::ptrdiff_t mask_ = 0;    // numbers of all dropout layers and branches
    bool replaceable_ = false;  // the last node's value may be overwritten by an activation
    Buffer<float> gradient_;
    Buffer<std::int32_t> labels_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
