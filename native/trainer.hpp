// The training of a network's weights, on one core.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "batches.hpp"
#include "images.hpp"
#include "network.hpp"
#include "optimizer.hpp"
#include "scorer.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// The steps of a call.
struct Steps {
    int batch_size = 1;
    std::int64_t first = 0;                 // the number of the first step in its run
    const float* learning_rates = nullptr;  // of every step
    const float* average_decays = nullptr;  // of every step, or null
    double loss = 0.0;                      // summed over the images of the steps before
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
        scorer_ = Scorer<L>(classes());
        ready_ = true;
    }

    bool ready() const { return ready_; }
    const float* gradient() const { return gradient_.data(); }

    // Trains on the batches in their order, one step for every learning rate. Stops after a step
    // whose loss is not finite; the loss that is returned is then not finite either. The losses are
    // added to that of the steps before, so that the sum's bits do not depend on how many calls the
    // steps are shared among.
    Score train(const Batches& batches, const Objective& objective, const Optimizer& optimizer,
                State run, const Steps& steps) {
        Score total{steps.loss, 0};
        std::int64_t step = 0;
        for (std::int64_t at = 0; at < batches.count; at += steps.batch_size, ++step) {
            const int count =
                static_cast<int>(std::min<std::int64_t>(steps.batch_size, batches.count - at));
            const Score score = gradient_of(batches, at, count, run.weights, objective);
            total.loss += score.loss;
            total.correct += score.correct;
            if (!std::isfinite(score.loss)) break;
            float* buffers = run.weights + weights();
            for (auto& layer : layers_) {
                layer->keep(buffers);
                buffers += layer->buffers();
            }
            update(optimizer, run, gradient_.data(), steps.first + step, steps.learning_rates[step],
                   steps.average_decays ? steps.average_decays[step] : 0.0f);
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
            for (int g = first; g < last; ++g)
                score(batches, at, count, g, objective, 1.0f / static_cast<float>(count), total);
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
        evaluate(batches, weights, [&](std::int64_t, int count) {
            for (int i = 0; i < count; ++i, out += classes())
                for (int k = 0; k < classes(); ++k)
                    out[k] = nodes_.back()->value.at(i / L)[k * L + i % L];
        });
    }

    // The summed score of `batches.count` images, and the losses that these batches ask for.
    Score score_of(const Batches& batches, const Objective& objective, const float* weights) {
        Score total;
        evaluate(batches, weights, [&](std::int64_t at, int count) {
            for (int g = 0; g * L < count; ++g) score(batches, at, count, g, objective, 1.0f, total);
        });
        return total;
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

    // Calls body(at, count) when the logits of `count` images from place `at` on are there.
    template <class Body>
    void evaluate(const Batches& batches, const float* weights, Body body) {
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
            body(at, count);
        }
    }

    // Adds the score of group g, and writes the gradient of its logits times `scale`.
    void score(const Batches& batches, std::int64_t at, int count, int g, const Objective& objective,
               float scale, Score& total) {
        Node<L>& last = *nodes_.back();
        // First summed over the group, then added: the order of the sum is part of a run's bits.
        const Score group = scorer_(batches, at + g * L, std::min(L, count - g * L), objective,
                                    last.value.at(g), last.gradient.at(g), scale);
        total.loss += group.loss;
        total.correct += group.correct;
    }

    ImageLoader<L> loader_;
    Buffer<float> gradient_;
    Scorer<L> scorer_;
    bool ready_ = false;  // has all the memory it needs
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
