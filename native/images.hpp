// From stored images (uint8, [image][y][x][channel]) to the network's input: augmented, normalized,
// one image a lane.
#pragma once

#include <memory>
#include <vector>

#include "elastic.hpp"
#include "tensor.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// An inverse affine map from a pixel (x, y) of the result to a place in the stored image:
// (a·x + b·y + c, d·x + e·y + f), pixel centers at integers.
struct Warp {
    float a, b, c, d, e, f;
};

// Pixels of an augmented image that become 0 after normalization.
struct Rectangle {
    std::int32_t top, left, height, width;
};

// Mixup (Zhang et al. 2018): an image is `shares[i]` times the one at place i of the order, plus the rest
// times the one at place `partners[i]`. Null for images as they are.
struct Mixing {
    const std::int64_t* partners = nullptr;
    const float* shares = nullptr;
};

template <int L>
class ImageLoader {
  public:
    // value = pixel · scale + offset, for every channel.
    ImageLoader(Shape stored, std::vector<float> scale, std::vector<float> offset)
        : shape_(stored), scale_(std::move(scale)), offset_(std::move(offset)) {
        const std::size_t pixels = static_cast<std::size_t>(stored.features());
        corners_ = Buffer<std::uint32_t>(pixels * L);
        line_ = (stored.width + L - 1) / L * L;
        lines_ = Buffer<float>(static_cast<std::size_t>(line_) * L);
        other_corners_ = Buffer<std::uint32_t>(pixels * L);
        other_line_ = Buffer<float>(static_cast<std::size_t>(line_));
    }

    // Fills group `group` of `input` with the `count` images from place `first` of the order on, and the
    // lanes beyond with zeros. `warps` and `erased` are null, or have one an image; a distortion needs
    // warps.
    void load(const std::uint8_t* images, const std::int64_t* order, const Warp* warps,
              const Distortion& distortion, const Rectangle* erased, const Mixing& mixing,
              std::int64_t first, int count, Tensor<L>& input, int group) {
        const std::size_t size = static_cast<std::size_t>(shape_.features());
        const auto stored = [&](std::int64_t place) { return images + order[place] * size; };
        if (warps)
            for (int lane = 0; lane < count; ++lane) {
                gather_corners(stored(first + lane), corners_.data() + lane * size);
                if (mixing.partners)
                    gather_corners(stored(mixing.partners[first + lane]),
                                   other_corners_.data() + lane * size);
            }
        if (distortion.fields) displace(distortion, mixing, first, count);
        for (int lane = count; lane < L; ++lane) std::fill_n(lines_.data() + lane * line_, line_, 0.0f);
        for (int c = 0; c < shape_.channels; ++c)
            for (int y = 0; y < shape_.height; ++y) {
                const auto read = [&](std::int64_t place, const std::uint32_t* corners,
                                      const float* moved, float* line) {
                    corners += c * (size / shape_.channels);
                    if (distortion.fields)
                        sample<true>(corners, warps[place], moved + y * line_, y, c, line);
                    else if (warps)
                        sample<false>(corners, warps[place], nullptr, y, c, line);
                    else
                        copy(stored(place), y, c, line);
                    if (erased) erase(erased[place], y, line);
                };
                for (int lane = 0; lane < count; ++lane) {
                    float* const line = lines_.data() + lane * line_;
                    read(first + lane, corners_.data() + lane * size, displaced(lane), line);
                    if (!mixing.partners) continue;
                    read(mixing.partners[first + lane], other_corners_.data() + lane * size,
                         displaced(L + lane), other_line_.data());
                    mix(mixing.shares[first + lane], other_line_.data(), line);
                }
                spread(input.at(group, c, y));
            }
    }

  private:
    using S = Simd<L>;

    // From a line a lane to a vector a pixel.
    void spread(float* row) const {
        for (int x0 = 0; x0 < shape_.width; x0 += L) {
            typename S::Vec block[L];
            SEEDBED_UNROLL
            for (int lane = 0; lane < L; ++lane) block[lane] = S::load(lines_.data() + lane * line_ + x0);
            S::transpose(block);
            const int count = std::min(L, shape_.width - x0);
            SEEDBED_UNROLL
            for (int x = 0; x < L; ++x)
                if (x < count) S::store(row + (x0 + x) * L, block[x]);
        }
    }

    // A pixel with its right, lower and lower right neighbor in one word, so that bilinear sampling
    // takes one load. At the right and lower edge the edge pixels are repeated.
    void gather_corners(const std::uint8_t* image, std::uint32_t* corners) const {
        const int channels = shape_.channels;
        const std::ptrdiff_t stride = static_cast<std::ptrdiff_t>(shape_.width) * channels;
        for (int c = 0; c < channels; ++c)
            for (int y = 0; y < shape_.height; ++y) {
                const std::uint8_t* top = image + y * stride + c;
                const std::uint8_t* bottom = y + 1 < shape_.height ? top + stride : top;
                const int last = shape_.width - 1;
                for (int x = 0; x < last; ++x)
                    corners[x] = word(top + x * channels, bottom + x * channels, channels);
                corners[last] = word(top + last * channels, bottom + last * channels, 0);
                corners += shape_.width;
            }
    }

    static SEEDBED_INLINE std::uint32_t word(const std::uint8_t* top, const std::uint8_t* bottom,
                                             int right) {
        return std::uint32_t{top[0]} | std::uint32_t{top[right]} << 8 |
               std::uint32_t{bottom[0]} << 16 | std::uint32_t{bottom[right]} << 24;
    }

    // `moved`: where a pixel of the line is displaced to the right, and so many rows on, down.
    template <bool kDistorted>
    void sample(const std::uint32_t* corners, const Warp& warp, const float* moved, int y, int c,
                float* __restrict line) const {
        const float right = static_cast<float>(shape_.width - 1);
        const float bottom = static_cast<float>(shape_.height - 1);
        const float x0 = fma(warp.b, static_cast<float>(y), warp.c);
        const float y0 = fma(warp.e, static_cast<float>(y), warp.f);
        const float scale = scale_[c], offset = offset_[c];
        const int width = shape_.width;
        const float* const right_of = moved;
        const float* const down_of = kDistorted ? moved + shape_.height * line_ : nullptr;
        // To the end of the last vector: coordinates are clamped, so that is harmless.
        for (int x = 0; x < line_; ++x) {
            float sx, sy;
            if constexpr (kDistorted) {
                const float px = static_cast<float>(x) + right_of[x];
                const float py = static_cast<float>(y) + down_of[x];
                sx = fma(warp.a, px, fma(warp.b, py, warp.c));
                sy = fma(warp.d, px, fma(warp.e, py, warp.f));
            } else {
                sx = fma(warp.a, static_cast<float>(x), x0);
                sy = fma(warp.d, static_cast<float>(x), y0);
            }
            sx = sx > 0.0f ? sx : 0.0f;
            sy = sy > 0.0f ? sy : 0.0f;
            sx = sx < right ? sx : right;
            sy = sy < bottom ? sy : bottom;
            const int ix = static_cast<int>(sx), iy = static_cast<int>(sy);
            const float fx = sx - static_cast<float>(ix), fy = sy - static_cast<float>(iy);
            const std::int32_t at = static_cast<std::int32_t>(corners[iy * width + ix]);
            const float p00 = static_cast<float>(at & 255);
            const float p01 = static_cast<float>(at >> 8 & 255);
            const float p10 = static_cast<float>(at >> 16 & 255);
            const float p11 = static_cast<float>(at >> 24 & 255);
            const float top = fma(fx, p01 - p00, p00);
            const float low = fma(fx, p11 - p10, p10);
            line[x] = fma(fma(fy, low - top, top), scale, offset);
        }
    }

    // The displacements of the images of a group and, behind those of all lanes, of their partners.
    void displace(const Distortion& distortion, const Mixing& mixing, std::int64_t first, int count) {
        if (!displacements_) displacements_ = std::make_unique<Displacements<L>>(shape_, line_);
        const std::size_t lanes = mixing.partners ? 2 * L : L;
        if (displaced_.size() < lanes * displacements_->size())
            displaced_ = Buffer<float>(lanes * displacements_->size());
        displacements_->begin(distortion);
        for (int lane = 0; lane < count; ++lane) {
            displacements_->smooth(distortion, first + lane, displaced(lane));
            if (mixing.partners)
                displacements_->smooth(distortion, mixing.partners[first + lane], displaced(L + lane));
        }
    }

    float* displaced(int lane) {
        return displacements_ ? displaced_.data() + lane * displacements_->size() : nullptr;
    }

    static void erase(const Rectangle& area, int y, float* line) {
        if (y >= area.top && y < area.top + area.height)
            std::fill_n(line + area.left, area.width, 0.0f);
    }

    void mix(float share, const float* __restrict other, float* __restrict line) const {
        for (int x = 0; x < line_; ++x) line[x] = fma(share, line[x] - other[x], other[x]);
    }

    void copy(const std::uint8_t* image, int y, int c, float* __restrict line) const {
        const std::uint8_t* from = image + (y * shape_.width) * shape_.channels + c;
        const float scale = scale_[c], offset = offset_[c];
        const int channels = shape_.channels, width = shape_.width;
        if (channels > 1 || width < L) {
            for (int x = 0; x < width; ++x)
                line[x] = fma(static_cast<float>(from[x * channels]), scale, offset);
            return;
        }
        // Whole vectors; the last one reaches back over pixels that are done already.
        for (int x0 = 0; x0 < width; x0 += L) {
            const int x = std::min(x0, width - L);
            for (int i = 0; i < L; ++i)
                line[x + i] = fma(static_cast<float>(from[x + i]), scale, offset);
        }
    }

    const Shape shape_;
    const std::vector<float> scale_, offset_;
    Buffer<std::uint32_t> corners_;
    int line_ = 0;         // length of a line, in floats
    Buffer<float> lines_;  // the same row of every lane's image
    Buffer<std::uint32_t> other_corners_;  // of the partners, as is the line
    Buffer<float> other_line_;
    std::unique_ptr<Displacements<L>> displacements_;  // with the first distortion
    Buffer<float> displaced_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
