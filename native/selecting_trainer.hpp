// The training of one or two networks on the images that they choose from every batch.
#pragma once

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "selection.hpp"
#include "trainer.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// All networks pass a batch forward. Then images are chosen by their losses, and every network goes back
// with the gradient of the mean loss of its images: with all groups of lanes, where the other images have
// no gradient, or, if these are few, once more forward and back with its images side by side.
template <int L>
class SelectingTrainer final : public Trainer<L> {
  public:
    using Trainer<L>::Trainer;
    using Trainer<L>::weights;
    using Trainer<L>::buffers;
    using Trainer<L>::classes;
    using Trainer<L>::capacity;

    // `selects`: whether select() will be called.
    void finish(int images, int threads, bool selects = false) {
        if (threads < 1) throw std::invalid_argument("no threads");
        finish(images, std::make_shared<Team>(threads), selects);
    }
    // As the peer of a trainer with the same layers: on its threads, and its images.
    void finish_beside(const SelectingTrainer& other) {
        finish(other.capacity(), other.team_, true);
        this->share_images(other);
    }
    bool selects() const { return seen_.gradient.size() > 0; }
    // One that finish_beside() refused has the threads, too.
    bool is_beside(const SelectingTrainer& other) const {
        return selects() && team_ == other.team_ && weights() == other.weights() &&
               buffers() == other.buffers() && classes() == other.classes() && mask_ == other.mask_;
    }

    // Like train(), for this network, whose state is the first, and its peer, if there is one. The
    // score is that of all images and this network; its loss is not finite if that of any network is not.
    Score select(const Batches& batches, const Objective& objective, const Optimizer& optimizer,
                 const std::vector<State>& states, const Steps& steps, const Selection& selection,
                 SelectingTrainer* peer) {
        networks_ = {this};
        if (peer) networks_.push_back(peer);
        Score total{steps.loss, 0};
        if (batches.count == 0) return total;
        const auto batch_at = [&](std::int64_t at) {
            return batches.part(at, std::min<std::int64_t>(steps.batch_size, batches.count - at), mask_);
        };
        for (std::size_t n = 0; n < networks_.size(); ++n) networks_[n]->begin(states[n].weights, true);
        prepare(batch_at(0));
        team_->run(groups_of(batch_at(0).count), [&](const Share& share) {
            std::int64_t step = 0;
            for (std::int64_t at = 0; at < batches.count; at += steps.batch_size, ++step) {
                const Batches batch = batch_at(at);
                see(batch, objective, selection, share);
                if (share.first()) {
                    total += total_score();
                    for (std::size_t n = 0; n < networks_.size(); ++n)
                        networks_[n]->keep(states[n].weights + weights());
                    choose(batch, selection);
                    if (!finite_) total.loss = std::numeric_limits<double>::quiet_NaN();
                }
                team_->barrier();
                if (!finite_) break;
                if (!chosen_.places.empty()) {
                    for (auto* network : networks_) network->learn(share);
                    team_->barrier();
                    for (auto* network : networks_) network->gather_gradient(share);
                    team_->barrier();
                    for (std::size_t n = 0; n < networks_.size(); ++n)
                        networks_[n]->descend(optimizer, states[n], steps, step, share);
                }
                if (share.first() && at + batch.count < batches.count) prepare(batch_at(at + batch.count));
                team_->barrier();
            }
        });
        return total;
    }

  private:
    void finish(int images, std::shared_ptr<Team> team, bool selects) {
        Trainer<L>::finish(images, std::move(team), selects);
        if (!selects) return;
        seen_.losses.resize(capacity());
        seen_.predictions.resize(capacity());
        seen_.gradient = Buffer<float>(static_cast<std::size_t>(capacity()) * classes());
    }

    using Trainer<L>::nodes_;
    using Trainer<L>::stages_;
    using Trainer<L>::mask_;
    using Trainer<L>::scorers_;
    using Trainer<L>::scores_;
    using Trainer<L>::team_;
    using Trainer<L>::groups_of;
    using Trainer<L>::forward;
    using Trainer<L>::backward;
    using Trainer<L>::score;
    using Trainer<L>::total_score;

    // What a pass forward leaves behind for every image of a batch.
    struct Seen {
        std::vector<float> losses;
        std::vector<std::int32_t> predictions;
        Buffer<float> gradient;  // of the loss by the logits, [image][class]
    };
    // What goes back, by position: the image's place in the batch that was seen, and the factor of its
    // gradient. Nothing if no image was chosen.
    struct Chosen {
        std::vector<int> places;
        std::vector<float> factors;
        bool again = false;  // goes forward first, as the batch of these:
        std::vector<std::int64_t> order;
        std::vector<Warp> warps;
        std::vector<Rectangle> erased;
        std::vector<std::uint8_t> fields, masks;
        Batches batch;
    };

    void prepare(const Batches& batch) {
        for (auto* network : networks_) {
            network->enter(static_cast<int>(batch.count));
            network->scores_.assign(groups_of(batch.count), {});
        }
    }

    // A thread's part of passing a batch forward.
    void see(const Batches& batch, const Objective& objective, const Selection& selection,
             const Share& share) {
        const int count = static_cast<int>(batch.count);
        const Groups own = share.groups(groups_of(count));
        for (auto* network : networks_) network->pack(share);
        team_->barrier();
        for (auto* network : networks_) network->forward(batch, 0, count, own, share, network == this);
        for (const int g : own) {
            const int present = std::min(L, count - g * L);
            for (auto* network : networks_) network->judge(batch, present, g, objective, share);
            if (selection.judge == Judge::joint) judge_jointly(present, g, selection.agreement, share);
            for (auto* network : networks_) network->remember(present, g);
        }
        team_->barrier();
    }

    void judge(Batches batch, int present, int g, const Objective& objective, const Share& share) {
        batch.losses = seen_.losses.data();
        batch.predictions = seen_.predictions.data();
        scores_[g] = score(batch, std::int64_t{g} * L, present, g, objective, 1.0f, share);
    }

    void judge_jointly(int present, int g, float agreement, const Share& share) {
        Node<L>&one = *networks_[0]->nodes_.back(), &other = *networks_[1]->nodes_.back();
        alignas(64) float losses[L];
        Simd<L>::store(losses, joint_loss<L>(classes(), agreement, scorers_[share.index].targets(),
                                             {one.value.at(g), other.value.at(g)},
                                             {one.gradient.at(g), other.gradient.at(g)}));
        std::copy_n(losses, present, seen_.losses.data() + g * L);
    }

    void remember(int present, int g) {
        const float* const from = nodes_.back()->gradient.at(g);
        float* const to = seen_.gradient.data() + std::ptrdiff_t{g} * L * classes();
        for (int lane = 0; lane < present; ++lane)
            for (int k = 0; k < classes(); ++k) to[lane * classes() + k] = from[k * L + lane];
    }

    // On one thread, when all networks have seen the batch.
    void choose(const Batches& batch, const Selection& selection) {
        finite_ = std::all_of(networks_.begin(), networks_.end(), [](const auto* network) {
            return std::isfinite(network->total_score().loss);
        });
        if (!finite_) return;
        const auto agree = [&](int place) {
            return networks_[0]->seen_.predictions[place] == networks_[1]->seen_.predictions[place];
        };
        std::vector<int> among;
        for (int place = 0; place < batch.count; ++place)
            if (!selection.disputed || !agree(place)) among.push_back(place);
        for (std::size_t n = 0; n < networks_.size(); ++n) {
            const std::size_t judge = selection.judge == Judge::peer ? 1 - n : selection.judge == Judge::own ? n : 0;
            if (among.empty())
                networks_[n]->chosen_.places.clear();
            else
                networks_[n]->take(smallest(among, networks_[judge]->seen_.losses, selection.keep), batch);
        }
    }

    void take(std::vector<int> places, const Batches& batch) {
        const auto count = static_cast<std::int64_t>(places.size());
        const float factor = 1.0f / static_cast<float>(count);
        Chosen& c = chosen_;
        // To go forward takes half as long as to go back. A batch norm needs all images that were seen.
        c.again = stages_.size() == 1 && 3 * groups_of(count) < 2 * groups_of(batch.count);
        if (!c.again) {
            c.batch = batch;
            c.factors.assign(batch.count, 0.0f);
            for (const int place : places) c.factors[place] = factor;
            c.places.resize(batch.count);
            std::iota(c.places.begin(), c.places.end(), 0);
            return;
        }
        c.factors.assign(count, factor);
        c.places = std::move(places);
        c.order.clear();
        c.warps.clear();
        c.erased.clear();
        c.fields.clear();
        c.masks.clear();
        for (const int place : c.places) {
            c.order.push_back(batch.order[place]);
            if (batch.warps) c.warps.push_back(batch.warps[place]);
            if (batch.erased) c.erased.push_back(batch.erased[place]);
            copy(batch.distortion.fields, batch.distortion.size, place, c.fields);
            copy(batch.masks, mask_, place, c.masks);
        }
        c.batch = batch;
        c.batch.order = c.order.data();
        c.batch.count = count;
        if (batch.warps) c.batch.warps = c.warps.data();
        if (batch.erased) c.batch.erased = c.erased.data();
        if (batch.distortion.fields) c.batch.distortion.fields = c.fields.data();
        if (batch.masks) c.batch.masks = c.masks.data();
        this->enter(static_cast<int>(count));
    }

    // The `size` bytes at a place, if there are any.
    static void copy(const std::uint8_t* from, std::ptrdiff_t size, int place,
                     std::vector<std::uint8_t>& to) {
        if (from) to.insert(to.end(), from + place * size, from + (place + 1) * size);
    }

    // A thread's part of going back.
    void learn(const Share& share) {
        const Chosen& c = chosen_;
        const int count = static_cast<int>(c.batch.count);
        const Groups own = share.groups(groups_of(count));
        if (c.again) forward(c.batch, 0, count, own, share);
        for (const int g : own) {
            float* const to = nodes_.back()->gradient.at(g);
            for (int lane = 0; lane < L; ++lane) {
                const int i = g * L + lane;
                const float factor = i < count ? c.factors[i] : 0.0f;
                const float* const from =
                    seen_.gradient.data() + (i < count ? std::ptrdiff_t{c.places[i]} * classes() : 0);
                for (int k = 0; k < classes(); ++k) to[k * L + lane] = from[k] * factor;
            }
        }
        backward(own, share);
    }

    std::vector<SelectingTrainer*> networks_;  // of the call: this one, and its peer
    Seen seen_;
    Chosen chosen_;
    bool finite_ = true;  // the losses of the batch
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
