// The training of a network's weights, on one core.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "images.hpp"
#include "loss.hpp"
#include "network.hpp"
#include "optimizer.hpp"

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

// A network to which images come, and which learns from them. It holds nothing that outlives a call but
// memory: weights come and go as arguments.
template <int L>
class Trainer : public Network<L> {
  public:
    using Network<L>::weights;
    using Network<L>::classes;
    using Network<L>::capacity;

    Trainer(Shape image, std::vector<float> scale, std::vector<float> offset)
        : Network<L>(image), loader_(image, std::move(scale), std::move(offset)) {}

    // Takes memory for up to `images` images at a time; there are no more layers to come.
    void finish(int images) {
        Network<L>::finish(images);
        gradient_ = Buffer<float>(weights());
        labels_ = Buffer<std::int32_t>(static_cast<std::size_t>(capacity()));
    }

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
            float* state = run.weights + weights();
            for (auto& layer : layers_) {
                layer->keep(state);
                state += layer->state();
            }
            update(optimizer, run, gradient_.data(), first_step + step, learning_rates[step],
                   average_decays ? average_decays[step] : 0.0f);
        }
        return total;
    }

    // The mean loss's gradient with respect to all weights, into gradient(); the summed score.
    Score gradient_of(const Batches& batches, std::int64_t at, int count, const float* weights,
                      const Objective& objective) {
        begin(weights, true, count);
        const int groups = (count + L - 1) / L;
        const int stages = static_cast<int>(stages_.size());
        Score total;
        for (int first = 0; first < groups; first += at_once_) {
            const int last = std::min(groups, first + at_once_);
            for (int stage = 0; stage < stages; ++stage) {
                if (stage > 0) layers_[stages_[stage]]->all_came_forward();
                for (int g = first; g < last; ++g) {
                    if (stage == 0) load(batches, at, count, g, true);
                    forward_stage(stage, g);
                }
            }
            forward_dense(first, last);
            for (int g = first; g < last; ++g) score(batches, at, count, g, objective, total);
            backward_dense(first, last);
            for (int stage = stages; stage-- > 0;) {
                for (int g = first; g < last; ++g) backward_stage(stage, g);
                if (stage > 0) layers_[stages_[stage]]->all_came_back();
            }
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
            begin(weights, false, count);
            for (int g = 0; g < groups; ++g) {
                load(batches, at, count, g, false);
                for (std::size_t stage = 0; stage < stages_.size(); ++stage)
                    forward_stage(static_cast<int>(stage), g);
            }
            forward_dense(0, groups);
            for (int i = 0; i < count; ++i, out += classes())
                for (int k = 0; k < classes(); ++k)
                    out[k] = nodes_.back()->value.at(i / L)[k * L + i % L];
        }
    }

  private:
    using Network<L>::nodes_;
    using Network<L>::layers_;
    using Network<L>::stages_;
    using Network<L>::at_once_;
    using Network<L>::mask_;
    using Network<L>::begin;
    using Network<L>::forward_stage;
    using Network<L>::backward_stage;
    using Network<L>::forward_dense;
    using Network<L>::backward_dense;

    // Group g of the `count` images from place `at` on.
    void load(const Batches& batches, std::int64_t at, int count, int g, bool training) {
        const std::int64_t first = at + g * L;
        const int images = std::min(L, count - g * L);
        loader_.load(batches.images, batches.order + first,
                     batches.warps ? batches.warps + first : nullptr, images, nodes_.front()->value,
                     g);
        if (training && batches.masks)
            for (auto& layer : layers_)
                layer->load(batches.masks + first * mask_, mask_, g, images);
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

    ImageLoader<L> loader_;
    Buffer<float> gradient_;
    Buffer<std::int32_t> labels_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
