// The one inner loop behind convolutions and linear layers, forward and backward.
//
// A tile is P vectors of images (pixels or groups of lanes) times Q outputs, kept in P·Q registers.
// For every tap, P vectors are loaded and Q weights are broadcast:
//
//     tile[p][q] += x[p][row·x_row + taps[j]] * w[row·w_row + j·w_tap + q·w_output]
//
// over `rows` rows and `count` taps a row. What a row and a tap are is up to the caller:
//
//   convolution      rows = kernel rows,     taps = kernel columns × input channels
//   its data grad.   rows = kernel rows,     taps = kernel columns × output channels
//   linear           rows = 1,               taps = inputs
//   its data grad.   rows = 1,               taps = outputs
//   its weight grad. rows = groups of lanes, taps = lanes; the vectors run along the inputs
#pragma once

#include <algorithm>
#include <cstddef>

#include "kernels/sizes.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// The largest tile. Where a vector takes more registers than the tile has rows, it has fewer outputs.
template <int L>
constexpr int kRegistersOf = std::max(L / kRegister, 1);
template <int L>
constexpr int kMaxVectors = std::max(kTile.rows / kRegistersOf<L>, 1);
template <int L>
constexpr int kMaxOutputs = kTile.rows * kTile.columns / (kMaxVectors<L> * kRegistersOf<L>);

struct Taps {
    int rows;
    std::ptrdiff_t x_row;
    const std::int32_t* offsets;
    int count;
    std::ptrdiff_t w_row;
    std::ptrdiff_t w_tap;
    std::ptrdiff_t w_output;
};

template <int L, int P, int Q>
struct Tile {
    using S = Simd<L>;
    using Vec = typename S::Vec;
    Vec at[P][Q];

    // UnitOutput: the Q weights of a tap lie side by side (w_output is 1).
    template <bool UnitOutput>
    SEEDBED_INLINE void accumulate(const float* const (&x)[P], const float* w, const Taps& taps) {
        Vec sum[P][Q];
        SEEDBED_UNROLL
        for (int p = 0; p < P; ++p)
            SEEDBED_UNROLL
            for (int q = 0; q < Q; ++q) sum[p][q] = Vec{};
        const std::int32_t* const offsets = taps.offsets;
        const int count = taps.count;
        const std::ptrdiff_t w_tap = taps.w_tap;
        const float* row_x[P];
        SEEDBED_UNROLL
        for (int p = 0; p < P; ++p) row_x[p] = x[p];
        for (int row = 0; row < taps.rows; ++row, w += taps.w_row) {
            const float* outputs[Q];
            SEEDBED_UNROLL
            for (int q = 0; q < Q; ++q) outputs[q] = w + q * (UnitOutput ? 1 : taps.w_output);
            std::ptrdiff_t at_w = 0;
            for (int j = 0; j < count; ++j, at_w += w_tap) {
                const std::ptrdiff_t offset = offsets[j];
                Vec v[P];
                SEEDBED_UNROLL
                for (int p = 0; p < P; ++p) v[p] = S::load(row_x[p] + offset);
                SEEDBED_UNROLL
                for (int q = 0; q < Q; ++q) {
                    const Vec weight = S::splat(UnitOutput ? w[at_w + q] : outputs[q][at_w]);
                    SEEDBED_UNROLL
                    for (int p = 0; p < P; ++p) sum[p][q] = fma(v[p], weight, sum[p][q]);
                }
            }
            SEEDBED_UNROLL
            for (int p = 0; p < P; ++p) row_x[p] += taps.x_row;
        }
        SEEDBED_UNROLL
        for (int p = 0; p < P; ++p)
            SEEDBED_UNROLL
            for (int q = 0; q < Q; ++q) at[p][q] = sum[p][q];
    }
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
