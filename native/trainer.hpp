// A network, and the training of its weights, on one core.
#pragma once

#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "activation.hpp"
#include "convolution.hpp"
#include "dropout.hpp"
#include "images.hpp"
#include "linear.hpp"
#include "loss.hpp"
#include "optimizer.hpp"
#include "pooling.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// Images and their labels, as the dataset stores them, and the order in which to take them.
struct Batches {
    const std::uint8_t* images = nullptr;
    const std::int64_t* labels = nullptr;
    const std::int64_t* order = nullptr;
    const Warp* warps = nullptr;  // one for every place in the order, or null
    std::int64_t count = 0;       // places in the order
    // For every place, a byte for every feature of every dropout layer, 1 where it is kept; or null.
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
        layers_.push_back(std::make_unique<Convolution<L>>(in, out, kernel, stride));
        replaceable_ = true;
    }

    void linear(int features) {
        Node<L>& in = *nodes_.back();
        Node<L>& out = node({features, 1, 1});
        out.has_gradient = true;
        if (!dense_) {
            dense_ = &in;
            first_linear_ = layers_.size();
        }
        layers_.push_back(std::make_unique<Linear<L>>(in, out));
        replaceable_ = true;
    }

    void max_pool(int size, int stride) { pool<MaxPooling<L>>(size, stride); }
    void average_pool(int size, int stride) { pool<AveragePooling<L>>(size, stride); }

    void dropout(float rate) {
        Node<L>& in = *nodes_.back();
        Node<L>& out = node(in.value.shape);
        layers_.push_back(std::make_unique<Dropout<L>>(in, out, rate, mask_));
        mask_ += in.value.shape.features();
        replaceable_ = true;
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
        groups_ = images / L + (images % L != 0);
        // Up to the first linear layer one group passes through all layers before the next, so what
        // nobody looks at again needs room for one group only.
        bool spatial = true;
        for (auto& n : nodes_) {
            if (n.get() == dense_) spatial = false;
            n->value.allocate(spatial && !n->keep ? 1 : groups_);
            if (!n->has_gradient) continue;
            n->gradient.shape = n->value.shape;
            n->gradient.allocate(spatial ? 1 : groups_);
        }
        std::size_t count = 0;
        for (auto& layer : layers_) {
            layer->allocate(groups_);
            count += layer->weights();
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
        const int groups = forward(batches, at, count, weights, true);
        Node<L>& last = *nodes_.back();
        const GroupLoss<L> loss(objective.loss, classes(), objective.smoothing);
        Score total;
        for (int g = 0; g < groups; ++g) {
            for (int lane = 0; lane < L; ++lane) {
                const int i = g * L + lane;
                labels_[i] =
                    i < count ? static_cast<std::int32_t>(batches.labels[batches.order[at + i]]) : -1;
            }
            const Score score =
                loss(last.value.at(g), last.gradient.at(g),
                     labels_.data() + static_cast<std::ptrdiff_t>(g) * L, 1.0f / static_cast<float>(count));
            total.loss += score.loss;
            total.correct += score.correct;
        }
        for (std::size_t i = layers_.size(); i-- > first_linear_;) layers_[i]->backward(0, groups);
        for (int g = 0; g < groups; ++g)
            for (std::size_t i = first_linear_; i-- > 0;) layers_[i]->backward(g, g + 1);
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
            forward(batches, at, count, weights, false);
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
        layers_.push_back(std::make_unique<Pool>(in, out, size, stride));
        replaceable_ = true;
    }

    template <class Function>
    void activation(Function function) {
        Node<L>& in = *nodes_.back();
        // The output takes the place of the input, unless somebody still needs that.
        Node<L>& out = replaceable_ ? in : node(in.value.shape);
        layers_.push_back(std::make_unique<Activation<L, Function>>(in, out, function));
        replaceable_ = false;
    }

    int forward(const Batches& batches, std::int64_t at, int count, const float* weights,
                bool training) {
        for (auto& layer : layers_) {
            layer->begin(weights, training);
            weights += layer->weights();
        }
        const int groups = (count + L - 1) / L;
        for (int g = 0; g < groups; ++g) {
            loader_.load(batches.images, batches.order + at + g * L,
                         batches.warps ? batches.warps + at + g * L : nullptr,
                         std::min(L, count - g * L), nodes_.front()->value, g);
            if (training && batches.masks)
                for (auto& layer : layers_)
                    layer->load(batches.masks + (at + g * L) * mask_, mask_, g, std::min(L, count - g * L));
            for (std::size_t i = 0; i < first_linear_; ++i) layers_[i]->forward(g, g + 1);
        }
        for (std::size_t i = first_linear_; i < layers_.size(); ++i) layers_[i]->forward(0, groups);
        return groups;
    }

    ImageLoader<L> loader_;
    std::vector<std::unique_ptr<Node<L>>> nodes_;
    std::vector<std::unique_ptr<Layer<L>>> layers_;
    const Node<L>* dense_ = nullptr;  // the first linear layer's input
    std::size_t first_linear_ = 0;
    int groups_ = 0;
    std::ptrdiff_t mask_ = 0;  // features of all dropout layers
    bool replaceable_ = false;  // the last node's value may be overwritten by an activation
    Buffer<float> gradient_;
    Buffer<std::int32_t> labels_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
