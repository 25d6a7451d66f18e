// What all losses share: the input of a loss, and the exponentials of its logits.
#pragma once

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

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
