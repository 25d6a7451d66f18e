// The loss of a group of lanes, and the gradient of its logits.
#pragma once

#include <algorithm>
#include <variant>

#include "batches.hpp"
#include "losses.hpp"
#include "tensor.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

template <int L>
class Scorer {
  public:
    Scorer() = default;
    explicit Scorer(int classes)
        : classes_(classes), labels_(L), weights_(L), targets_(rows()), slopes_(2 * rows()) {}

    // Returns the score of the `present` images from place `first` on, whose logits are laid out as
    // [class][lane], and writes their gradient times `scale`. The other lanes hold no image.
    Score operator()(const Batches& batches, std::int64_t first, int present, const Objective& objective,
                     const float* logits, float* gradient, float scale) {
        gather(batches, first, present, objective);
        Vec<L> largest = S::load(logits);
        Int winner{};
        for (int k = 1; k < classes_; ++k) {
            const Vec<L> z = S::load(logits + k * L);
            const Int better = z > largest;
            largest = select(better, z, largest);
            winner = select(better, S::splat(k), winner);
        }
        // Lanes without an image get no gradient.
        const LossRows<L> rows{logits,   targets_.data(), gradient,
                               classes_, largest,         S::load(weights_.data()) * scale};
        Vec<L> loss =
            std::visit([&](const auto& formula) { return value(formula, rows, objective.transition); },
                       objective.loss);
        if (batches.running) loss += early_learning(batches, first, present, objective, rows);
        alignas(64) float losses[L];
        alignas(64) std::int32_t winners[L];
        S::store(losses, loss);
        S::store(winners, winner);
        Score score;
        for (int lane = 0; lane < present; ++lane) {
            score.loss += static_cast<double>(losses[lane]) * static_cast<double>(weights_[lane]);
            score.correct += winners[lane] == labels_[lane];
            if (batches.losses) batches.losses[first + lane] = losses[lane];
            if (batches.predictions) batches.predictions[first + lane] = winners[lane];
        }
        return score;
    }

    // The target rows of the last group, [class][lane].
    const float* targets() const { return targets_.data(); }

  private:
    using S = Simd<L>;
    using Int = typename S::Int;

    std::size_t rows() const { return static_cast<std::size_t>(classes_) * L; }

    // Collects label, target row and weight of every lane. An image with a target row but no label has
    // the class with the largest target as its label.
    void gather(const Batches& batches, std::int64_t first, int present, const Objective& objective) {
        const float* const of_labels = objective.label_targets.data();
        for (int lane = 0; lane < L; ++lane) {
            const bool image = lane < present;
            const std::int64_t i = image ? batches.order[first + lane] : 0;
            labels_[lane] = image && batches.labels ? static_cast<std::int32_t>(batches.labels[i]) : -1;
            weights_[lane] = !image ? 0.0f : batches.weights ? batches.weights[i] : 1.0f;
            const float* const row = batches.targets ? batches.targets + i * classes_
                                     : of_labels     ? of_labels + std::max(labels_[lane], 0) * classes_
                                                     : nullptr;
            if (!row) continue;
            for (int k = 0; k < classes_; ++k) targets_[k * L + lane] = image ? row[k] : 0.0f;
            if (image && !batches.labels)
                labels_[lane] = static_cast<std::int32_t>(std::max_element(row, row + classes_) - row);
        }
        if (!batches.targets && !of_labels) {
            const Int label = S::load(labels_.data());
            const float smoothing = objective.smoothing, rest = smoothing / static_cast<float>(classes_);
            for (int k = 0; k < classes_; ++k)
                S::store(targets_.data() + k * L,
                         select(label == k, S::splat(1.0f - smoothing + rest), S::splat(rest)));
        }
        if (batches.mixing.partners)
            for (int lane = 0; lane < present; ++lane) mix(batches, first + lane, lane, objective);
    }

    // Adds the partner's share to the target row of a lane. The label is that of the larger share.
    void mix(const Batches& batches, std::int64_t place, int lane, const Objective& objective) {
        const std::int64_t i = batches.order[batches.mixing.partners[place]];
        const float share = batches.mixing.shares[place];
        const std::int64_t label = batches.labels[i];
        const float smoothing = objective.smoothing, rest = smoothing / static_cast<float>(classes_);
        for (int k = 0; k < classes_; ++k) {
            const float other = !objective.label_targets.empty()
                                    ? objective.label_targets[label * classes_ + k]
                                : label == k ? 1.0f - smoothing + rest
                                             : rest;
            float& target = targets_[k * L + lane];
            target = fma(share, target - other, other);
        }
        if (share < 0.5f) labels_[lane] = static_cast<std::int32_t>(label);
    }

    template <class Formula>
    Vec<L> value(const Formula& formula, const LossRows<L>& rows, const std::vector<float>& transition) {
        if constexpr (OfLogits<Formula, L>)
            if (transition.empty()) return formula.of_logits(rows);
        if constexpr (OfProbabilities<Formula, L>) {
            if (transition.empty()) return of_softmax(formula, rows);
            return of_transition(formula, rows, transition.data());
        }
        return Vec<L>{};  // unreachable: make_objective rejects it
    }

    // With d the derivative by p, the derivative by the logit is p (d - Σ d p).
    template <class Formula>
    Vec<L> of_softmax(const Formula& formula, const LossRows<L>& rows) const {
        const Vec<L> inverse = 1.0f / exponentials(rows);
        Vec<L> loss{}, mean{};
        for (int k = 0; k < classes_; ++k) {
            const Vec<L> p = S::load(rows.gradient + k * L) * inverse;
            const Vec<L> t = S::load(rows.targets + k * L);
            const Vec<L> z = S::load(rows.logits + k * L);
            loss += formula.template value<L>(p, t) + (z - z);  // + 0, unless z is not finite
            mean = fma(formula.template slope<L>(p, t), p, mean);
        }
        for (int k = 0; k < classes_; ++k) {
            const Vec<L> p = S::load(rows.gradient + k * L) * inverse;
            const Vec<L> slope = formula.template slope<L>(p, S::load(rows.targets + k * L));
            S::store(rows.gradient + k * L, p * (slope - mean) * rows.scale);
        }
        return loss;
    }

    // The same for q = pᵀT: the derivative by p is T times the derivative by q.
    template <class Formula>
    Vec<L> of_transition(const Formula& formula, const LossRows<L>& rows, const float* transition) {
        float* const noisy = slopes_.data();
        float* const clean = noisy + this->rows();
        const Vec<L> inverse = 1.0f / exponentials(rows);
        Vec<L> loss{}, mean{};
        for (int j = 0; j < classes_; ++j) {
            Vec<L> q{};
            for (int i = 0; i < classes_; ++i)
                q = fma(S::load(rows.gradient + i * L), transition[i * classes_ + j], q);
            q *= inverse;
            const Vec<L> t = S::load(rows.targets + j * L);
            const Vec<L> z = S::load(rows.logits + j * L);
            loss += formula.template value<L>(q, t) + (z - z);  // + 0, unless z is not finite
            S::store(noisy + j * L, formula.template slope<L>(q, t));
        }
        for (int i = 0; i < classes_; ++i) {
            Vec<L> slope{};
            for (int j = 0; j < classes_; ++j)
                slope = fma(S::load(noisy + j * L), transition[i * classes_ + j], slope);
            S::store(clean + i * L, slope);
            mean = fma(slope, S::load(rows.gradient + i * L) * inverse, mean);
        }
        for (int i = 0; i < classes_; ++i) {
            const Vec<L> p = S::load(rows.gradient + i * L) * inverse;
            S::store(rows.gradient + i * L, p * (S::load(clean + i * L) - mean) * rows.scale);
        }
        return loss;
    }

    // Updates the running means of the images; adds the regularization's gradient, and returns it.
    Vec<L> early_learning(const Batches& batches, std::int64_t first, int present,
                          const Objective& objective, const LossRows<L>& rows) {
        float* const p = slopes_.data();
        float* const means = p + this->rows();
        Vec<L> sum{}, clipped_sum{};
        for (int k = 0; k < classes_; ++k) {
            const Vec<L> e = S::exp(S::load(rows.logits + k * L) - rows.largest);
            S::store(p + k * L, e);
            sum += e;
        }
        const Vec<L> inverse = 1.0f / sum;
        const auto clipped = [](Vec<L> x) { return S::min(S::splat(1.0f - 1e-4f), S::max(S::splat(1e-4f), x)); };
        for (int k = 0; k < classes_; ++k) {
            const Vec<L> x = S::load(p + k * L) * inverse;
            S::store(p + k * L, x);
            clipped_sum += clipped(x);
        }
        for (int lane = 0; lane < L; ++lane)
            for (int k = 0; k < classes_; ++k)
                means[k * L + lane] =
                    lane < present ? batches.running[batches.order[first + lane] * classes_ + k] : 0.0f;
        const Vec<L> part = (1.0f - objective.early_decay) / clipped_sum;
        Vec<L> agreement{};
        for (int k = 0; k < classes_; ++k) {
            const Vec<L> x = S::load(p + k * L);
            const Vec<L> mean = fma(S::load(means + k * L), objective.early_decay, clipped(x) * part);
            S::store(means + k * L, mean);
            agreement = fma(mean, x, agreement);
        }
        for (int lane = 0; lane < present; ++lane)
            for (int k = 0; k < classes_; ++k)
                batches.running[batches.order[first + lane] * classes_ + k] = means[k * L + lane];
        const Vec<L> rest = 1.0f - agreement;
        const Vec<L> factor = rows.scale * objective.early_weight / rest;
        for (int k = 0; k < classes_; ++k) {
            const Vec<L> slope = S::load(p + k * L) * (agreement - S::load(means + k * L));
            S::store(rows.gradient + k * L, fma(slope, factor, S::load(rows.gradient + k * L)));
        }
        return S::log(rest) * objective.early_weight;
    }

    int classes_ = 0;
    Buffer<std::int32_t> labels_;
    Buffer<float> weights_;
    Buffer<float> targets_, slopes_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
