// Times the convolutions of 16 images for benchmarks/tiles.py. For every line "channels outputs pixels
// kernel" of standard input, prints the GFLOP/s of the forward pass, and of the gradients of data and
// weights, by the processor time of some milliseconds each.
#include <ctime>
#include <iostream>

#include "layers/conv.hpp"

using namespace seedbed;

namespace {

constexpr int L = 16;
constexpr double kSeconds = 0.01;

double now() {
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// How often a second.
template <class Body>
double rate(Body body) {
    body();
    const double start = now();
    int count = 0;
    double taken = 0.0;
    for (; taken < kSeconds; taken = now() - start, ++count) body();
    return count / taken;
}

void fill(Tensor<L>& tensor, unsigned seed) {
    for (std::size_t i = 0; i < tensor.memory()->size(); ++i) {
        seed = seed * 1664525u + 1013904223u;
        tensor.memory()->data()[i] = static_cast<float>(seed >> 16) * 1e-5f - 0.3f;
    }
}

// A convolution with a stride of 1, and padding for kernels of an odd size.
struct Case {
    Case(int channels, int outputs, int pixels, int kernel, bool data_gradient)
        : operations(2.0 * channels * outputs * pixels * pixels * kernel * kernel * L) {
        const int side = kernel / 2;
        const Border padding{side, side, side, side};
        in.value.shape = {channels, pixels, pixels};
        in.value.border = padding;
        in.gradient.shape = in.value.shape;
        in.has_gradient = data_gradient;
        out.value.shape = {outputs, pixels, pixels};
        out.gradient.shape = out.value.shape;
        convolution = std::make_unique<Convolution<L>>(in, out, kernel, 1, padding, true);
        unsigned seed = 1;
        for (auto* tensor : {&in.value, &in.gradient, &out.value, &out.gradient}) {
            tensor->allocate({1, 1});
            fill(*tensor, ++seed);
        }
        convolution->allocate({{1, 1}, {1, 1}});
        weights.assign(convolution->weights(), 0.01f);
        convolution->begin(weights.data(), nullptr, true);
        convolution->enter(L);
        convolution->pack({});
    }

    Node<L> in, out;
    std::unique_ptr<Convolution<L>> convolution;
    std::vector<float> weights;
    const double operations;
};

}  // namespace

int main() {
    int channels, outputs, pixels, kernel;
    while (std::cin >> channels >> outputs >> pixels >> kernel) {
        Case with(channels, outputs, pixels, kernel, true);
        Case without(channels, outputs, pixels, kernel, false);
        const Groups group{0, 1};
        const auto back = [&](Case& one) {
            return rate([&] {
                one.convolution->enter(L);
                one.convolution->backward(group);
            });
        };
        const double forward = rate([&] { with.convolution->forward(group); });
        const double both = back(with), weights = back(without);
        const double giga = with.operations * 1e-9;
        std::cout << forward * giga << ' ' << giga / (1 / both - 1 / weights) << ' ' << weights * giga
                  << std::endl;
    }
}
