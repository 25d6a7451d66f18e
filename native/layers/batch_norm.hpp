// Batch normalization (Ioffe and Szegedy 2015, algorithm 1), as torch.nn.BatchNorm2d.
//
// Every channel needs its mean and variance over all images before the first image can be normalized,
// so a batch normalization is two layers: one that ends a stage, which all groups of lanes pass before
// the next stage begins, and one that begins that.
#pragma once

#include <cmath>
#include <vector>

#include "graph.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// Forward it takes the moments of each channel, and changes nothing. Backward it makes the gradient of
// its input from that of the normalized output.
template <int L>
class BatchMoments final : public Layer<L> {
  public:
    // What a channel's gradient is made of: output · gradient + input · value + constant.
    struct Gradient {
        float output, input, constant;
    };

    BatchMoments(Node<L>& in, Node<L>& normal) : in_(in), normal_(normal) { in.keep(); }

    void allocate(const Capacity& capacity) override {
        sums_ = Buffer<float>(static_cast<std::size_t>(capacity.groups()) * channels() * kSums * L);
        gradients.resize(channels());
    }

    void begin(const float*, const float*, bool training) override { training_ = training; }
    void enter(int images) override { images_ = images; }

    // Sums of the differences from the first pixel, and of their squares, for every lane: without that
    // pixel the squares could be much larger than the variance.
    void forward(const Groups& groups) override {
        if (!training_) return;
        const Shape& shape = in_.value.shape;
        for (const int g : groups)
            for (int c = 0; c < shape.channels; ++c) {
                const Vec origin = S::load(in_.value.at(g, c));
                Vec sum[kRows] = {}, square[kRows] = {};
                for (int y = 0; y < shape.height; ++y) {
                    const float* row = in_.value.at(g, c, y);
                    int x = 0;
                    for (; x + kRows <= shape.width; x += kRows)
                        SEEDBED_UNROLL
                        for (int i = 0; i < kRows; ++i)
                            add(row + (x + i) * L, origin, sum[i], square[i]);
                    for (; x < shape.width; ++x) add(row + x * L, origin, sum[0], square[0]);
                }
                for (int i = 1; i < kRows; ++i) {
                    sum[0] += sum[i];
                    square[0] += square[i];
                }
                float* to = sums(g, c);
                S::store(to, origin);
                S::store(to + L, sum[0]);
                S::store(to + 2 * L, square[0]);
            }
    }

    // Mean and biased variance of a channel over all images and pixels.
    std::pair<double, double> moments(int channel) {
        const double pixels = in_.value.shape.height * static_cast<double>(in_.value.shape.width);
        const auto each_image = [&](auto body) {
            for (int i = 0; i < images_; ++i) {
                const float* from = sums(i / L, channel) + i % L;
                const double sum = from[L], square = from[2 * L];
                body(from[0] + sum / pixels, fma(-sum / pixels, sum / pixels, square / pixels));
            }
        };
        double mean = 0, variance = 0;
        each_image([&](double image_mean, double) { mean += image_mean / images_; });
        each_image([&](double image_mean, double image_variance) {
            variance += fma(image_mean - mean, image_mean - mean, image_variance) / images_;
        });
        return {mean, variance};
    }

    void backward(const Groups& groups) override {
        if (!in_.has_gradient) return;
        for (const int g : groups) {
            // Lanes without an image: their gradient must not reach the weights.
            alignas(64) std::int32_t lanes[L];
            for (int lane = 0; lane < L; ++lane) lanes[lane] = g * L + lane < images_ ? -1 : 0;
            const auto present = S::load(lanes);
            each_row(in_.value.shape, {g, g + 1}, [&](int, int c, int y, int width) {
                const Vec output = S::splat(gradients[c].output), input = S::splat(gradients[c].input);
                const Vec constant = S::splat(gradients[c].constant);
                const float* from = normal_.gradient.at(g, c, y);
                const float* value = in_.value.at(g, c, y);
                float* to = in_.gradient.at(g, c, y);
                for (int x = 0; x < width; ++x) {
                    const Vec own = fma(S::load(value + x * L), input, constant);
                    S::store(to + x * L, select(present, fma(S::load(from + x * L), output, own), Vec{}));
                }
            });
        }
    }

    int images() const { return images_; }
    std::vector<Gradient> gradients;  // of every channel

  private:
    using S = Simd<L>;
    using Vec = typename S::Vec;
    static constexpr int kRows = 4;  // sums side by side, so that none waits for another
    static constexpr int kSums = 3;  // origin, sum, sum of squares

    int channels() const { return in_.value.shape.channels; }
    float* sums(int group, int channel) {
        return sums_.data() + (static_cast<std::ptrdiff_t>(group) * channels() + channel) * kSums * L;
    }
    static SEEDBED_INLINE void add(const float* at, Vec origin, Vec& sum, Vec& square) {
        const Vec d = S::load(at) - origin;
        sum += d;
        square = fma(d, d, square);
    }

    Node<L>& in_;
    Node<L>& normal_;
    bool training_ = false;
    int images_ = 0;
    Buffer<float> sums_;
};

// Scales and shifts each channel: out = in · scale + shift, by the moments of the batch while
// training, else by the running ones.
template <int L>
class BatchNorm final : public Layer<L> {
  public:
    static void add(Graph<L>& graph, Settings&) {
        Node<L>& in = graph.pixels();
        Node<L>& same = graph.twin(in, false);
        Node<L>& out = graph.node(in.value.shape);
        auto moments = std::make_unique<BatchMoments<L>>(in, out);
        auto norm = std::make_unique<BatchNorm>(same, out, *moments);
        graph.push(std::move(moments), in, same).gradient = &out;
        graph.begin_stage();
        graph.push(std::move(norm), same, out);
    }

    BatchNorm(Node<L>& in, Node<L>& out, BatchMoments<L>& moments)
        : in_(in), out_(out), moments_(moments) {}

    std::size_t weights() const override { return 2 * static_cast<std::size_t>(channels()); }
    std::size_t buffers() const override { return weights(); }

    void allocate(const Capacity& capacity) override {
        channels_.resize(channels());
        sums_ = Buffer<float>(weights() * L * capacity.groups());
    }

    void begin(const float* weights, const float* buffers, bool training) override {
        weights_ = weights;
        if (training) return;
        for (int c = 0; c < channels(); ++c) set(c, buffers[c], buffers[channels() + c]);
    }

    void all_came_forward(const Share& share) override {
        const auto [first, last] = share.of(channels());
        for (int c = first; c < last; ++c) {
            const auto [mean, variance] = moments_.moments(c);
            set(c, mean, variance);
        }
    }

    void forward(const Groups& groups) override {
        each_row(in_.value.shape, groups, [this](int g, int c, int y, int width) {
            const Vec scale = S::splat(channels_[c].scale), shift = S::splat(channels_[c].shift);
            const float* from = in_.value.at(g, c, y);
            float* to = out_.value.at(g, c, y);
            for (int x = 0; x < width; ++x)
                S::store(to + x * L, fma(S::load(from + x * L), scale, shift));
        });
    }

    // Takes the sums of what depends on all images; BatchMoments does the rest.
    void backward(const Groups& groups) override {
        const Shape& shape = in_.value.shape;
        for (const int g : groups)
            for (int c = 0; c < shape.channels; ++c) {
                const Vec mean = S::splat(static_cast<float>(channels_[c].mean));
                Vec sum[2] = {}, product[2] = {};
                for (int y = 0; y < shape.height; ++y) {
                    const float* d = out_.gradient.at(g, c, y);
                    const float* value = in_.value.at(g, c, y);
                    const auto add = [&](int x, Vec& s, Vec& p) {
                        const Vec v = S::load(d + x * L);
                        s += v;
                        p = fma(v, S::load(value + x * L) - mean, p);
                    };
                    int x = 0;
                    for (; x + 2 <= shape.width; x += 2) {
                        add(x, sum[0], product[0]);
                        add(x + 1, sum[1], product[1]);
                    }
                    if (x < shape.width) add(x, sum[0], product[0]);
                }
                S::store(sums(g, 2 * c), sum[0] + sum[1]);
                S::store(sums(g, 2 * c + 1), product[0] + product[1]);
            }
    }

    // The gradient of the input is scale · (d - mean of d - n · mean of d n) with the normalized n.
    void all_came_back(const Share& share) override {
        const double count = this->count();
        const auto [first, last] = share.of(channels());
        for (int c = first; c < last; ++c) {
            const Channel& a = channels_[c];
            const double sum = lane_sum(2 * c), product = lane_sum(2 * c + 1) * a.inverse;
            const double input = -a.scale * a.inverse * product / count;
            moments_.gradients[c] = {a.scale, static_cast<float>(input),
                                     static_cast<float>(fma(-input, a.mean, -a.scale * sum / count))};
        }
    }

    void finish(float* gradient, const Share& share) override {
        const auto [first, last] = share.of(channels());
        for (int c = first; c < last; ++c) {
            gradient[c] = static_cast<float>(lane_sum(2 * c + 1) * channels_[c].inverse);
            gradient[channels() + c] = static_cast<float>(lane_sum(2 * c));
        }
    }

    void keep(float* buffers) const override {
        const double unbiased = count() / std::max(count() - 1.0, 1.0);
        for (int c = 0; c < channels(); ++c) {
            float& mean = buffers[c];
            float& variance = buffers[channels() + c];
            mean = fma(kMomentum, static_cast<float>(channels_[c].mean - mean), mean);
            const double step = fma(channels_[c].variance, unbiased, -static_cast<double>(variance));
            variance = fma(kMomentum, static_cast<float>(step), variance);
        }
    }

  private:
    using S = Simd<L>;
    using Vec = typename S::Vec;
    static constexpr float kMomentum = 0.1f;

    struct Channel {
        double mean, variance, inverse;
        float scale, shift;
    };

    int channels() const { return in_.value.shape.channels; }
    double count() const {
        return static_cast<double>(moments_.images()) * in_.value.shape.height * in_.value.shape.width;
    }
    float* sums(int group, int i) {
        return sums_.data() + (static_cast<std::ptrdiff_t>(group) * 2 * channels() + i) * L;
    }
    double lane_sum(int i) {
        Vec total{};
        for (int g = 0; g * L < moments_.images(); ++g) total += S::load(sums(g, i));
        alignas(64) float lanes[L];
        S::store(lanes, total);
        double sum = 0;
        for (const float lane : lanes) sum += lane;
        return sum;
    }
    void set(int c, double mean, double variance) {
        const double inverse = 1.0 / std::sqrt(variance + 1e-5), scale = weights_[c] * inverse;
        channels_[c] = {mean, variance, inverse, static_cast<float>(scale),
                        static_cast<float>(fma(-mean, scale, static_cast<double>(weights_[channels() + c])))};
    }

    Node<L>& in_;
    Node<L>& out_;
    BatchMoments<L>& moments_;
    const float* weights_ = nullptr;
    std::vector<Channel> channels_;
    Buffer<float> sums_;  // of d and d · (in - mean), for every group of lanes, channel and lane
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
