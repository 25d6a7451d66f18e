// Elastic distortion (Simard, Steinkraus and Platt 2003, section 2): smooth random displacements of pixels.
#pragma once

#include <algorithm>
#include <cstdint>

#include "tensor.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// Random fields of images: of each two, by which its pixels go right and down, [field][y][x], where a byte
// b is the number (2 b + 1) / 256 - 1. Null without distortion. A field F becomes A F B.
struct Distortion {
    const std::uint8_t* fields = nullptr;
    std::ptrdiff_t size = 0;         // bytes of an image
    const float* columns = nullptr;  // A, height × height
    const float* rows = nullptr;     // B, width × width
};

// The displacements of one image after another, in pixels.
template <int L>
class Displacements {
  public:
    // `line`: floats of a row, whole vectors.
    Displacements(const Shape& image, int line)
        : height_(image.height), width_(image.width), line_(line) {
        const auto rows = [&](int count) { return Buffer<float>(std::size_t(count) * line_); };
        field_ = rows(height_);
        down_ = rows(height_);
        across_ = rows(width_);
    }

    // Floats of an image.
    std::size_t size() const { return std::size_t{2} * height_ * line_; }

    // Before the first image: B, with whole vectors in a row.
    void begin(const Distortion& distortion) {
        for (int x = 0; x < width_; ++x)
            std::copy_n(distortion.rows + x * width_, width_, across_.data() + x * line_);
    }

    // Both fields of an image, smoothed, [field][y][line].
    void smooth(const Distortion& distortion, std::int64_t place, float* to) {
        const std::uint8_t* from = distortion.fields + place * distortion.size;
        for (int field = 0; field < 2; ++field) {
            for (int y = 0; y < height_; ++y, from += width_)
                for (int x = 0; x < width_; ++x)
                    field_[y * line_ + x] = fma(static_cast<float>(from[x]), 1.0f / 128, 1.0f / 256 - 1.0f);
            multiply(distortion.columns, height_, height_, field_.data(), down_.data());
            multiply(down_.data(), line_, width_, across_.data(), to + field * height_ * line_);
        }
    }

  private:
    using S = Simd<L>;
    static constexpr int kRows = 4;

    // `height_` rows of `a`, `stride` apart, times the `depth` rows of `b`. Every sum has the order of the
    // rows of `b`.
    void multiply(const float* a, int stride, int depth, const float* b, float* to) const {
        int y = 0;
        for (; y + kRows <= height_; y += kRows) rows<kRows>(a + y * stride, stride, depth, b, to + y * line_);
        for (; y < height_; ++y) rows<1>(a + y * stride, stride, depth, b, to + y * line_);
    }

    template <int N>
    void rows(const float* a, int stride, int depth, const float* b, float* to) const {
        for (int x = 0; x < line_; x += L) {
            typename S::Vec sums[N] = {};
            for (int j = 0; j < depth; ++j) {
                const auto row = S::load(b + j * line_ + x);
                SEEDBED_UNROLL
                for (int i = 0; i < N; ++i) sums[i] = fma(row, a[i * stride + j], sums[i]);
            }
            SEEDBED_UNROLL
            for (int i = 0; i < N; ++i) S::store(to + i * line_ + x, sums[i]);
        }
    }

    int height_, width_, line_;
    Buffer<float> field_, down_;  // as drawn, and smoothed from top to bottom
    Buffer<float> across_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
