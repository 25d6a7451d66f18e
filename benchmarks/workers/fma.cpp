// Prints the GFLOP/s of fused multiply-adds in registers, which nothing on this core can surpass.
#include <chrono>
#include <cstdio>

namespace {

constexpr int kLanes = LANES;
// More chains than a fused multiply-add takes cycles, times two that start in each.
constexpr int kChains = 12;
constexpr long kSteps = 200'000;
constexpr double kSeconds = 0.15;

typedef float Vector __attribute__((vector_size(sizeof(float) * kLanes)));

Vector everywhere(float value) { return Vector{} + value; }

void chains(Vector (&sums)[kChains], Vector factor, Vector summand) {
    Vector own[kChains];
    for (int i = 0; i < kChains; ++i) own[i] = sums[i];
    for (long step = 0; step < kSteps; ++step) {
#pragma GCC unroll 16
        for (int i = 0; i < kChains; ++i) {
            own[i] = own[i] * factor + summand;
            asm volatile("" : "+v"(own[i]));  // or else the compiler may compute it in another way
        }
    }
    for (int i = 0; i < kChains; ++i) sums[i] = own[i];
}

}  // namespace

int main() {
    Vector sums[kChains];
    for (int i = 0; i < kChains; ++i) sums[i] = everywhere(static_cast<float>(i));
    const Vector factor = everywhere(0.5f), summand = everywhere(1.0f);
    const auto start = std::chrono::steady_clock::now();
    double seconds = 0.0;
    long count = 0;
    for (; seconds < kSeconds; ++count) {
        chains(sums, factor, summand);
        seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
    std::printf("%.3f\n", 2.0 * kLanes * kChains * kSteps * static_cast<double>(count) / seconds / 1e9);
}
