// The training of a network's weights.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "batches.hpp"
#include "images.hpp"
#include "network.hpp"
#include "optimizer.hpp"
#include "scorer.hpp"
#include "team.hpp"

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
        : Network<L>(image), scale_(std::move(scale)), offset_(std::move(offset)) {}

    // Takes memory for up to `images` images at a time, and threads; there are no more layers to come.
    // `whole`: see Network.
    void finish(int images, std::shared_ptr<Team> team, bool whole) {
        Network<L>::finish(images, team->size(), whole);
        gradient_ = Buffer<float>(weights());
        for (int i = 0; i < team->size(); ++i) {
            loaders_.emplace_back(nodes_.front()->value.shape, scale_, offset_);
            scorers_.emplace_back(classes());
        }
        team_ = std::move(team);
    }

    bool ready() const { return team_ != nullptr; }
    const float* gradient() const { return gradient_.data(); }

    // Trains on the batches in their order, one step for every learning rate. Stops after a step
    // whose loss is not finite; the loss that is returned is then not finite either. The losses are
    // added to that of the steps before, so that the sum's bits do not depend on how many calls the
    // steps are shared among.
    Score train(const Batches& batches, const Objective& objective, const Optimizer& optimizer,
                const State& run, const Steps& steps) {
        const auto images = [&](std::int64_t at) {
            return static_cast<int>(std::min<std::int64_t>(steps.batch_size, batches.count - at));
        };
        Score total{steps.loss, 0};
        if (batches.count == 0) return total;
        begin(run.weights, true);
        enter(images(0));
        team_->run(groups_of(images(0)), [&](const Share& share) {
            std::int64_t step = 0;
            for (std::int64_t at = 0; at < batches.count; at += steps.batch_size, ++step) {
                const Score score = differentiate(batches, at, images(at), objective, share);
                if (share.first()) total += score;
                if (!std::isfinite(score.loss)) break;
                if (share.first()) keep(run.weights + weights());
                team_->barrier();
                descend(optimizer, run, steps, step, share);
                if (share.first()) enter(images(std::min(at + steps.batch_size, batches.count)));
                team_->barrier();
            }
        });
        return total;
    }

    // The mean loss's gradient with respect to all weights, into gradient(); the summed score.
    Score gradient_of(const Batches& batches, int count, const float* weights,
                      const Objective& objective) {
        Score total;
        begin(weights, true);
        enter(count);
        team_->run(groups_of(count), [&](const Share& share) {
            const Score score = differentiate(batches, 0, count, objective, share);
            if (share.first()) total = score;
        });
        return total;
    }

    // logits[i·classes + k] of `batches.count` images.
    void logits(const Batches& batches, const float* weights, float* out) {
        evaluate(batches, weights, [&](const Share&, std::int64_t at, int images, int g) {
            const float* const logits = nodes_.back()->value.at(g);
            for (int i = 0; i < images; ++i)
                for (int k = 0; k < classes(); ++k)
                    out[(at + i) * classes() + k] = logits[k * L + i];
        });
    }

    // The summed score of `batches.count` images, and the losses that these batches ask for.
    Score score_of(const Batches& batches, const Objective& objective, const float* weights) {
        scores_.assign(groups_of(batches.count), {});
        evaluate(batches, weights, [&](const Share& share, std::int64_t at, int images, int g) {
            scores_[at / L] = score(batches, at, images, g, objective, 1.0f, share);
        });
        return total_score();
    }

  protected:
    using Network<L>::nodes_;
    using Network<L>::layers_;
    using Network<L>::stages_;
    using Network<L>::mask_;
    using Network<L>::one_by_one_;
    using Network<L>::begin;
    using Network<L>::enter;
    using Network<L>::pack;
    using Network<L>::forward_stage;
    using Network<L>::backward_stage;
    using Network<L>::forward_dense;
    using Network<L>::backward_dense;
    using Network<L>::keep;

    static int groups_of(std::int64_t images) { return static_cast<int>((images + L - 1) / L); }

    // A thread's part of a step, from the gradient to the next weights.
    void descend(const Optimizer& optimizer, const State& run, const Steps& steps, std::int64_t step,
                 const Share& share) {
        const State part = run.part(share);
        float* const gradient = gradient_.data() + (part.weights - run.weights);
        add_penalty(optimizer, part, gradient);
        if (optimizer.clip > 0.0f) {
            float factor = 1.0f;
            meet([&] { factor = clip_factor(optimizer.clip, weights(), gradient_.data()); });
            shrink(part, factor, gradient);
        }
        update(optimizer, part, gradient, steps.first + step, steps.learning_rates[step],
               steps.average_decays ? steps.average_decays[step] : 0.0f);
    }

    // A thread's part of gradient_of, after begin() and enter(). Returns the score of all images.
    Score differentiate(const Batches& batches, std::int64_t at, int count, const Objective& objective,
                        const Share& share) {
        const int all = groups_of(count);
        if (share.first()) scores_.assign(all, {});
        pack(share);
        team_->barrier();
        const float scale = 1.0f / static_cast<float>(count);
        const auto pass = [&](const Groups& groups) {
            forward(batches, at, count, groups, share);
            for (const int g : groups)
                scores_[g] = score(batches, at + std::int64_t{g} * L, std::min(L, count - g * L), g,
                                   objective, scale, share);
            backward(groups, share);
        };
        const Groups own = share.groups(all);
        if (one_by_one_)
            for (const int g : own) pass({g, g + 1});
        else
            pass(own);
        team_->barrier();
        gather_gradient(share);
        return total_score();
    }

    // After the last group: a thread's share of the weights' gradient.
    void gather_gradient(const Share& share) {
        float* to = gradient_.data();
        for (auto& layer : layers_) {
            layer->finish(to, share);
            to += layer->weights();
        }
    }

    // `images`: whether to load them, or only their masks.
    void forward(const Batches& batches, std::int64_t at, int count, const Groups& groups,
                 const Share& share, bool images = true) {
        for (int stage = 0; stage < static_cast<int>(stages_.size()); ++stage) {
            if (stage > 0) meet([&] { layers_[stages_[stage]]->all_came_forward(share); });
            for (const int g : groups) {
                if (stage == 0) load(batches, at, count, g, true, share, images);
                forward_stage(stage, g);
            }
        }
        forward_dense(groups);
    }

    void backward(const Groups& groups, const Share& share) {
        backward_dense(groups);
        for (int stage = static_cast<int>(stages_.size()); stage-- > 0;) {
            for (const int g : groups) backward_stage(stage, g);
            if (stage > 0) meet([&] { layers_[stages_[stage]]->all_came_back(share); });
        }
    }

    // Does a thread's part of something between all that came before and all that comes after it.
    template <class Body>
    void meet(Body body) {
        team_->barrier();
        body();
        team_->barrier();
    }

    // Group g of the `count` images from place `at` on.
    void load(const Batches& batches, std::int64_t at, int count, int g, bool training,
              const Share& share, bool images = true) {
        const std::int64_t first = at + std::int64_t{g} * L;
        const int present = std::min(L, count - g * L);
        if (images)
            loaders_[share.index].load(batches.images, batches.order, batches.warps, batches.distortion,
                                       batches.erased, batches.mixing, first, present,
                                       nodes_.front()->value, g);
        if (training && batches.masks)
            for (auto& layer : layers_)
                layer->load(batches.masks + first * mask_, mask_, g, present);
    }

    // Calls body(share, at, images, g) when the logits of the images from place `at` on are there, in
    // group g.
    template <class Body>
    void evaluate(const Batches& batches, const float* weights, Body body) {
        begin(weights, false);
        team_->run(groups_of(std::min<std::int64_t>(batches.count, capacity())), [&](const Share& share) {
            pack(share);
            team_->barrier();
            // No thread looks at the groups of another: none waits from here on.
            for (std::int64_t at = 0; at < batches.count; at += capacity()) {
                const int count =
                    static_cast<int>(std::min<std::int64_t>(capacity(), batches.count - at));
                const Groups own = share.groups(groups_of(count));
                for (const int g : own) {
                    load(batches, at, count, g, false, share);
                    for (std::size_t stage = 0; stage < stages_.size(); ++stage)
                        forward_stage(static_cast<int>(stage), g);
                }
                forward_dense(own);
                for (const int g : own)
                    body(share, at + std::int64_t{g} * L, std::min(L, count - g * L), g);
            }
        });
    }

    // The score of `images` images from place `at` on, which are group g; writes the gradient of its
    // logits times `scale`.
    Score score(const Batches& batches, std::int64_t at, int images, int g, const Objective& objective,
                float scale, const Share& share) {
        Node<L>& last = *nodes_.back();
        return scorers_[share.index](batches, at, images, objective, last.value.at(g),
                                     last.gradient.at(g), scale);
    }

    // First summed over each group, then added: the order of the sum is part of a run's bits.
    Score total_score() const {
        Score total;
        for (const Score& group : scores_) total += group;
        return total;
    }

    std::vector<Scorer<L>> scorers_;  // one a thread, as are the loaders
    std::vector<Score> scores_;       // of every group
    std::shared_ptr<Team> team_;  // once the trainer has all the memory it needs

  private:
    const std::vector<float> scale_, offset_;
    std::vector<ImageLoader<L>> loaders_;
    Buffer<float> gradient_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
