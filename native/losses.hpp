// All losses, as functions of an image's logits and its target row t, which sums to 1. To add a loss,
// write a struct, whose constructor reads its parameters, and append it to `Loss` below.
//
// A loss of class probabilities has `value(p, t)`, the term of one class, and `slope(p, t)`, the
// derivative of that term by p; the loss is the sum of the terms. p is the softmax of the logits, or
// pᵀT with a transition matrix T. Both functions must be finite at p = 0.
//
// A loss with `of_logits` is computed from the logits directly when there is no transition matrix:
// `of_logits` returns the loss of every lane, and writes the derivative by the logits times `scale`.
// Without `value` and `slope`, a loss cannot be combined with a transition matrix.
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

// The input of a loss, and where it writes the gradient; rows are laid out as [class][lane].
template <int L>
struct LossRows {
    const float* logits;
    const float* targets;
    float* gradient;  // of the logits: output
    int classes;
    Vec<L> largest;  // logit
    Vec<L> scale;    // of the gradient
};

// Writes e^(z - largest) for the logits z into `gradient`; returns the sum over the classes.
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

// Raises p to the smallest normal number, so that log p and 1 / p exist.
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
            loss = fma(t, rows.largest - S::load(rows.logits + k * L), loss);
            S::store(gradient, fma(S::load(gradient), inverse, -t) * rows.scale);
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
        const Vec<L> negative = select(d < 0.0f, Simd<L>::splat(-1.0f), Vec<L>{});
        return select(d > 0.0f, Simd<L>::splat(1.0f), negative);
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
            loss += fma(-z, t, select(z > 0.0f, z, Vec<L>{})) + S::log(1.0f + S::exp(-S::abs(z)));
            S::store(rows.gradient + k * L, (S::sigmoid(z) - t) * rows.scale);
        }
        return loss;
    }
};

// Σ t (1 - p^q) / q (Zhang and Sabuncu 2018)
struct GeneralizedCrossEntropy {
    static constexpr const char* name = "generalized-cross-entropy";
    explicit GeneralizedCrossEntropy(Settings& settings) : q(settings.number("q")) {
        settings.expect(q > 0.0f && q <= 1.0f, "q", "above 0 and at most 1");
    }

    template <int L>
    SEEDBED_INLINE Vec<L> value(Vec<L> p, Vec<L> t) const {
        return -t * Simd<L>::expm1(Simd<L>::log(positive<L>(p)) * q) / q;
    }
    template <int L>
    SEEDBED_INLINE Vec<L> slope(Vec<L> p, Vec<L> t) const {
        return -t * Simd<L>::exp(Simd<L>::log(positive<L>(p)) * (q - 1.0f));
    }

    float q;
};

// The list of all losses.
using Loss = std::variant<CrossEntropy, Brier, MeanAbsoluteError, BinaryCrossEntropy,
                          GeneralizedCrossEntropy>;

template <class Formula, int L>
concept OfLogits = requires(const Formula& f, const LossRows<L>& rows) { f.of_logits(rows); };
template <class Formula, int L>
concept OfProbabilities = requires(const Formula& f, Vec<L> p) {
    f.template value<L>(p, p);
    f.template slope<L>(p, p);
};

// The loss of this name.
template <int Index = 0>
Loss make_loss(const std::string& name, const Settings::Values& parameters, std::string known = "") {
    if constexpr (Index == std::variant_size_v<Loss>) {
        throw std::invalid_argument("unknown loss \"" + name + "\"; expected one of:" + known);
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
