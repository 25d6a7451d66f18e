// Products of small matrices whose elements are vectors of images: one product a lane. Attention is
// made of them.
#pragma once

#include <algorithm>
#include <array>
#include <utility>

#include "tensor.hpp"
#include "kernels/tile.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// A matrix of vectors, some of which may be a stride apart in either direction (in floats).
struct LaneMatrix {
    float* data;
    std::ptrdiff_t row, column;
    LaneMatrix transposed() const { return {data, column, row}; }
    LaneMatrix from(std::ptrdiff_t i, std::ptrdiff_t j, int lane = 0) const {
        return {data + i * row + j * column + lane, row, column};
    }
};

// out(i, j) = scale · Σ_k a(i, k) · b(k, j), for i < rows, j < columns, k < depth. Lanes that fit one
// register are done before the others: every vector is loaded anew for every product, so a tile of
// narrow vectors needs fewer loads.
template <int L>
class LaneProduct {
  public:
    static void run(int rows, int columns, int depth, const LaneMatrix& a, const LaneMatrix& b,
                    const LaneMatrix& out, float scale = 1.0f) {
        for (int i0 = 0; i0 < rows;) {
            const int many = part(rows, kMaxVectors<kLanes>, i0);
            for (int j0 = 0; j0 < columns;) {
                const int size = part(columns, kMaxOutputs<kLanes>, j0);
                const auto block = kBlocks[(many - 1) * kMaxOutputs<kLanes> + size - 1];
                for (int lane = 0; lane < L; lane += kLanes)
                    block(depth, a.from(i0, 0, lane), b.from(0, j0, lane), out.from(i0, j0, lane), scale);
                j0 += size;
            }
            i0 += many;
        }
    }

  private:
    static constexpr int kLanes = std::min(L, kRegister);
    using S = Simd<kLanes>;
    using Vec = typename S::Vec;

    template <int P, int Q>
    static void block(int depth, LaneMatrix a, LaneMatrix b, LaneMatrix out, float scale) {
        Vec sum[P][Q] = {};
        for (int k = 0; k < depth; ++k) {
            Vec left[P];
            SEEDBED_UNROLL
            for (int p = 0; p < P; ++p) left[p] = S::load(a.data + p * a.row + k * a.column);
            SEEDBED_UNROLL
            for (int q = 0; q < Q; ++q) {
                const Vec right = S::load(b.data + k * b.row + q * b.column);
                SEEDBED_UNROLL
                for (int p = 0; p < P; ++p) sum[p][q] = fma(left[p], right, sum[p][q]);
            }
        }
        SEEDBED_UNROLL
        for (int p = 0; p < P; ++p)
            SEEDBED_UNROLL
            for (int q = 0; q < Q; ++q)
                S::store(out.data + p * out.row + q * out.column, sum[p][q] * scale);
    }

    using Block = void (*)(int, LaneMatrix, LaneMatrix, LaneMatrix, float);
    template <int... I>
    static constexpr std::array<Block, sizeof...(I)> table(std::integer_sequence<int, I...>) {
        return {&LaneProduct::template block<I / kMaxOutputs<kLanes> + 1, I % kMaxOutputs<kLanes> + 1>...};
    }
    static constexpr auto kBlocks =
        table(std::make_integer_sequence<int, kMaxVectors<kLanes> * kMaxOutputs<kLanes>>{});
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
