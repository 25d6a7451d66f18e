// How many sums the inner loops keep in registers, by instruction set. No sum depends on it.
//
// Chosen by benchmarks/tiles.py, which tries others (SEEDBED_TILE and SEEDBED_BLOCK).
#pragma once

#include "kernels/simd.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

struct Sizes {
    int rows, columns;
};

// Registers of vectors of images × outputs of a tile, see tile.hpp; outputs × taps of blocks, see
// weight_gradient.hpp: of these, the one that makes the fewest blocks. Beside the sums, the loads and broadcasts need registers, and without fused
// multiply-adds the products.
#if defined(SEEDBED_TILE)
constexpr Sizes kTile{SEEDBED_TILE}, kBlocks[]{{SEEDBED_BLOCK}};
#elif defined(__AVX512F__)
constexpr Sizes kTile{4, 6}, kBlocks[]{{4, 6}, {6, 4}};
#elif defined(__AVX2__)
constexpr Sizes kTile{2, 6}, kBlocks[]{{3, 4}};
#elif defined(__aarch64__)
constexpr Sizes kTile{4, 6}, kBlocks[]{{4, 6}};
#else
constexpr Sizes kTile{2, 4}, kBlocks[]{{3, 4}};
#endif

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
