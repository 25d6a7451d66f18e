// The losses, of an image's logits and its target row t, which sums to 1. Whoever adds one writes a
// struct here, and its name in the list at the end; the constructor reads its parameters.
//
// A loss of probabilities has, for one class, `value(p, t)` and its derivative `slope(p, t)` by p; the
// loss is the sum of the values. Here p is the softmax of the logits, or what a transition matrix has
// made of it; both functions must be finite for p = 0.
//
// A loss that has `of_logits` is computed from the logits themselves, unless there is a transition
// matrix: it returns the loss of every lane, and writes its derivative by the logits times `scale`.
#pragma once

#include <stdexcept>
#include <string>
#include <type_traits>
#include <variant>

#include "kernels/simd.hpp"
#include "settings.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

template <int L>
using Vec = typename Simd<L>::Vec;

// What a loss sees of a group of lanes; rows are laid out as [class][lane].
template <int L>
struct LossRows {
    const float* logits;
    const float* targets;
    float* gradient;  // of the logits, which the loss writes
    int classes;
    Vec<L> largest;  // logit
    Vec<L> scale;    // of the gradient
};

// Writes e^(z - largest) of the logits z where the gradient will be; returns the sums over the classes.
template <int L>
SEEDBED_INLINE Vec<L> exponentials(const LossRows<L>& rows) {
    using S = Simd<L>;
    Vec<L> sum{};
    for (int k = 0; k < rows.classes; ++k) {
        const Vec<L> e = S::exp(S::load(rows.logits + k * L) - rows.largest);
        S::store(rows.gradient + k * L, e);
        sum += e;
    }
    return sum;
}

// A probability of which there is a logarithm and a reciprocal.
template <int L>
SEEDBED_INLINE Vec<L> positive(Vec<L> p) {
    return Simd<L>::max(Simd<L>::splat(1.17549435e-38f), p);
}

// -Σ t log p
struct CrossEntropy {
    static constexpr const char* name = "cross-entropy";
    explicit CrossEntropy(Settings&) {}

    // From the logits, not from p: a logit that is not finite must show in the loss, although the
    // exponential is clamped, and log p must not underflow.
    template <int L>
    SEEDBED_INLINE Vec<L> of_logits(const LossRows<L>& rows) const {
        using S = Simd<L>;
        const Vec<L> sum = exponentials(rows);
        const Vec<L> inverse = 1.0f / sum;
        Vec<L> loss{};
        for (int k = 0; k < rows.classes; ++k) {
            const Vec<L> t = S::load(rows.targets + k * L);
            float* const gradient = rows.gradient + k * L;
            loss += t * (rows.largest - S::load(rows.logits + k * L));
            S::store(gradient, (S::load(gradient) * inverse - t) * rows.scale);
        }
        return loss + S::log(sum);
    }

    template <int L>
    SEEDBED_INLINE Vec<L> value(Vec<L> p, Vec<L> t) const {
        return -t * Simd<L>::log(positive<L>(p));
    }
    template <int L>
    SEEDBED_INLINE Vec<L> slope(Vec<L> p, Vec<L> t) const {
        return -t / positive<L>(p);
    }
};

// Σ (p - t)²: the mean squared error of probabilities (Brier 1950)
struct Brier {
    static constexpr const char* name = "brier";
    explicit Brier(Settings&) {}

    template <int L>
    SEEDBED_INLINE Vec<L> value(Vec<L> p, Vec<L> t) const {
        return (p - t) * (p - t);
    }
    template <int L>
    SEEDBED_INLINE Vec<L> slope(Vec<L> p, Vec<L> t) const {
        return (p - t) * 2.0f;
    }
};

// Σ |p - t|: the mean absolute error of probabilities (Ghosh et al. 2017)
struct MeanAbsoluteError {
    static constexpr const char* name = "mae";
    explicit MeanAbsoluteError(Settings&) {}

    template <int L>
    SEEDBED_INLINE Vec<L> value(Vec<L> p, Vec<L> t) const {
        return Simd<L>::abs(p - t);
    }
    template <int L>
    SEEDBED_INLINE Vec<L> slope(Vec<L> p, Vec<L> t) const {
        const Vec<L> d = p - t;
        const Vec<L> negative = d < 0.0f ? Simd<L>::splat(-1.0f) : Vec<L>{};
        return d > 0.0f ? Simd<L>::splat(1.0f) : negative;
    }
};

// -Σ t log s + (1 - t) log (1 - s), with s the sigmoids of the logits
struct BinaryCrossEntropy {
    static constexpr const char* name = "binary-cross-entropy";
    explicit BinaryCrossEntropy(Settings&) {}

    template <int L>
    SEEDBED_INLINE Vec<L> of_logits(const LossRows<L>& rows) const {
        using S = Simd<L>;
        Vec<L> loss{};
        for (int k = 0; k < rows.classes; ++k) {
            const Vec<L> z = S::load(rows.logits + k * L), t = S::load(rows.targets + k * L);
            // without overflow
            loss += (z > 0.0f ? z : Vec<L>{}) - z * t + S::log(1.0f + S::exp(-S::abs(z)));
            S::store(rows.gradient + k * L, (S::sigmoid(z) - t) * rows.scale);
        }
        return loss;
    }
};

// The losses that there are.
using Loss = std::variant<CrossEntropy, Brier, MeanAbsoluteError, BinaryCrossEntropy>;

template <class Formula, int L>
concept OfLogits = requires(const Formula& f, const LossRows<L>& rows) { f.of_logits(rows); };
template <class Formula, int L>
concept OfProbabilities = requires(const Formula& f, Vec<L> p) {
    f.template value<L>(p, p);
    f.template slope<L>(p, p);
};

template <int Index = 0>
Loss make_loss(const std::string& name, const Settings::Values& parameters, std::string known = "") {
    if constexpr (Index == std::variant_size_v<Loss>) {
        throw std::invalid_argument("unknown loss \"" + name + "\", expected one of" + known);
    } else {
        using Formula = std::variant_alternative_t<Index, Loss>;
        if (name != Formula::name)
            return make_loss<Index + 1>(name, parameters, known + " " + Formula::name);
        Settings settings(name, parameters);
        const Loss loss{std::in_place_index<Index>, settings};
        settings.done();
        return loss;
    }
}

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
