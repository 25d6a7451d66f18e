// Repeats calls of the kernels that tests/helpers/tape.py has recorded, and compares every bit of what
// they return: replay TAPE [TRAINERS [THREADS]]. Without Python, so that it runs under an emulator of
// another processor, or under the thread sanitizer. So many trainers work at the same time, each on so
// many threads. Exits with 1 and a line for every call that differs.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "selecting_trainer.hpp"

using namespace seedbed;

namespace {

using Bytes = std::shared_ptr<std::vector<char>>;

// A recorded array; null where none was passed.
struct Array {
    Bytes bytes;
    template <class T>
    const T* as() const {
        return bytes ? reinterpret_cast<const T*>(bytes->data()) : nullptr;
    }
    template <class T>
    std::vector<T> copy() const {
        return bytes ? std::vector<T>(as<T>(), as<T>() + count<T>()) : std::vector<T>();
    }
    template <class T>
    std::size_t count() const {
        return bytes ? bytes->size() / sizeof(T) : 0;
    }
    template <class T>
    bool is(const std::vector<T>& values) const {
        return count<T>() == values.size() &&
               (!bytes || std::memcmp(bytes->data(), values.data(), bytes->size()) == 0);
    }
};

struct BatchArrays {
    Array images, order, labels, targets, weights, warps, masks, running, partners, shares, erased;
    Array fields, smooth_columns, smooth_rows;
    Batches batches(float* losses, float* running_means = nullptr) const {
        Batches all;
        all.images = images.as<std::uint8_t>();
        all.order = order.as<std::int64_t>();
        all.count = static_cast<std::int64_t>(order.count<std::int64_t>());
        all.labels = labels.as<std::int64_t>();
        all.targets = targets.as<float>();
        all.weights = weights.as<float>();
        all.running = running_means;
        all.warps = reinterpret_cast<const Warp*>(warps.as<float>());
        all.masks = masks.as<std::uint8_t>();
        all.mixing = {partners.as<std::int64_t>(), shares.as<float>()};
        all.distortion.fields = fields.as<std::uint8_t>();
        all.distortion.columns = smooth_columns.as<float>();
        all.distortion.rows = smooth_rows.as<float>();
        if (all.count) all.distortion.size = static_cast<std::ptrdiff_t>(fields.count<char>()) / all.count;
        all.erased = reinterpret_cast<const Rectangle*>(erased.as<std::int32_t>());
        all.losses = losses;
        return all;
    }
};

// The arrays of a run, and those of a copy that a call changes.
struct StateArrays {
    Array weights, first, second, average;
    bool is(const StateArrays& other) const {
        return weights.is(other.weights.copy<float>()) && first.is(other.first.copy<float>()) &&
               second.is(other.second.copy<float>()) && average.is(other.average.copy<float>());
    }
    StateArrays copy() const { return {copied(weights), copied(first), copied(second), copied(average)}; }
    State state(std::size_t weight_count, std::size_t buffers) const {
        return {weight_count, buffers, data(weights), data(first), data(second), data(average)};
    }

  private:
    static Array copied(const Array& array) {
        return array.bytes ? Array{std::make_shared<std::vector<char>>(*array.bytes)} : Array{};
    }
    static float* data(const Array& array) {
        return array.bytes ? reinterpret_cast<float*>(array.bytes->data()) : nullptr;
    }
};

struct StepArrays {
    std::int64_t batch_size = 0, first = 0;
    Array rates, decays;
    double loss = 0;
    Steps steps() const {
        return {static_cast<int>(batch_size), first, rates.as<float>(), decays.as<float>(), loss};
    }
};

struct Train {
    BatchArrays batches;
    Objective objective;
    Optimizer optimizer;
    StateArrays state;
    StepArrays steps;
    StateArrays after;
    Array running_after;
    double loss = 0;
    std::int64_t correct = 0;
};

struct Select {
    BatchArrays batches;
    Objective objective;
    Optimizer optimizer;
    StepArrays steps;
    Selection selection;
    std::vector<StateArrays> states, after;
    double loss = 0;
    std::int64_t correct = 0;
};

struct Gradient {
    BatchArrays batches;
    Objective objective;
    Array weights, gradient, losses;
    double loss;
};

struct Logits {
    BatchArrays batches;
    Array weights, logits;
};

struct Recorded {
    std::int64_t lanes, height, width, channels, images, selects;
    Array scale, offset;
    std::vector<std::pair<std::string, Settings::Values>> layers;
    std::vector<std::variant<Train, Select, Gradient, Logits>> calls;
};

class Tape {
  public:
    explicit Tape(const char* path) : in_(path, std::ios::binary) {
        if (!in_) throw std::runtime_error(std::string("no file ") + path);
        while (in_.peek() != std::ifstream::traits_type::eof()) record();
        std::erase_if(trainers, [](const Recorded& one) { return one.images == 0; });  // the peers
    }
    std::vector<Recorded> trainers;

  private:
    template <class T>
    T read() {
        T value;
        in_.read(reinterpret_cast<char*>(&value), sizeof value);
        if (!in_) throw std::runtime_error("the tape ends too early");
        return value;
    }
    std::int64_t integer() { return read<std::int64_t>(); }
    double number() { return read<double>(); }
    std::string text() {
        std::string value(static_cast<std::size_t>(integer()), '\0');
        in_.read(value.data(), static_cast<std::streamsize>(value.size()));
        return value;
    }
    // Bytes that were there before are named by their number.
    Array array() {
        const std::int64_t size = integer();
        if (size == -1) return {};
        if (size == -2) return {known_.at(static_cast<std::size_t>(integer()))};
        auto bytes = std::make_shared<std::vector<char>>(static_cast<std::size_t>(size));
        in_.read(bytes->data(), size);
        known_.push_back(bytes);
        return {bytes};
    }

    Settings::Values values() {
        Settings::Values values;
        for (std::int64_t i = integer(); i > 0; --i) {
            const std::string name = text(), type = text();
            if (type == "flag")
                values[name] = integer() != 0;
            else if (type == "integer")
                values[name] = integer();
            else if (type == "number")
                values[name] = number();
            else if (type == "integers")
                values[name] = array().copy<std::int64_t>();
            else
                values[name] = array().copy<double>();
        }
        return values;
    }
    BatchArrays batches() {
        BatchArrays all;
        for (Array* one : {&all.images, &all.order, &all.labels, &all.targets, &all.weights, &all.warps,
                           &all.masks, &all.running, &all.partners, &all.shares, &all.erased,
                           &all.fields, &all.smooth_columns, &all.smooth_rows})
            *one = array();
        return all;
    }
    Objective objective() {
        const std::string loss = text();
        const Settings::Values parameters = values();
        Objective objective{make_loss(loss, parameters), static_cast<float>(number())};
        objective.transition = array().copy<float>();
        objective.label_targets = array().copy<float>();
        objective.early_weight = static_cast<float>(number());
        objective.early_decay = static_cast<float>(number());
        return objective;
    }
    Optimizer optimizer() {
        Optimizer o;
        o.rule = rule_of(text());
        o.momentum = static_cast<float>(number());
        o.nesterov = integer() != 0;
        o.weight_decay = static_cast<float>(number());
        o.beta1 = number();
        o.beta2 = number();
        o.epsilon = number();
        o.l1 = static_cast<float>(number());
        o.l2 = static_cast<float>(number());
        o.clip = static_cast<float>(number());
        return o;
    }

    StateArrays state() {
        StateArrays all;
        for (Array* one : {&all.weights, &all.first, &all.second, &all.average}) *one = array();
        return all;
    }
    StepArrays steps() {
        StepArrays all;
        all.batch_size = integer();
        all.first = integer();
        all.rates = array();
        all.decays = array();
        all.loss = number();
        return all;
    }

    void record() {
        const std::string kind = text();
        if (kind == "trainer") {
            Recorded made{};
            for (std::int64_t* one : {&made.lanes, &made.height, &made.width, &made.channels})
                *one = integer();
            made.scale = array();
            made.offset = array();
            trainers.push_back(std::move(made));
            return;
        }
        Recorded& trainer = trainers.at(static_cast<std::size_t>(integer()));
        if (kind == "add") {
            const std::string layer = text();
            trainer.layers.emplace_back(layer, values());
        } else if (kind == "finish") {
            trainer.images = integer();
            trainer.selects = integer();
        } else if (kind == "train") {
            Train call{.batches = batches(), .objective = objective(), .optimizer = optimizer()};
            call.state = state();
            call.steps = steps();
            call.after = state();
            call.running_after = array();
            call.loss = number();
            call.correct = integer();
            trainer.calls.push_back(std::move(call));
        } else if (kind == "select") {
            Select call{.batches = batches(), .objective = objective(), .optimizer = optimizer()};
            call.steps = steps();
            call.selection.judge = judge_of(text());
            call.selection.keep = number();
            call.selection.disputed = integer() != 0;
            call.selection.agreement = static_cast<float>(number());
            const std::int64_t networks = integer();
            for (auto* states : {&call.states, &call.after})
                for (std::int64_t n = 0; n < networks; ++n) states->push_back(state());
            call.loss = number();
            call.correct = integer();
            trainer.calls.push_back(std::move(call));
        } else if (kind == "gradient") {
            Gradient call{batches(), objective(), {}, {}, {}, 0};
            for (Array* one : {&call.weights, &call.gradient, &call.losses}) *one = array();
            call.loss = number();
            trainer.calls.push_back(std::move(call));
        } else if (kind == "logits") {
            Logits call{batches(), {}, {}};
            for (Array* one : {&call.weights, &call.logits}) *one = array();
            trainer.calls.push_back(std::move(call));
        } else {
            throw std::runtime_error("unknown call " + kind);
        }
    }

    std::ifstream in_;
    std::vector<Bytes> known_;
};

bool same(double one, double other) { return std::memcmp(&one, &other, sizeof one) == 0; }

template <int L>
class Replay {
  public:
    Replay(const Recorded& recorded, int threads) : trainer_(made(recorded)), peer_(made(recorded)) {
        trainer_.finish(static_cast<int>(recorded.images), threads, recorded.selects != 0);
        if (recorded.selects) peer_.finish_beside(trainer_);
    }

    bool operator()(const Train& call) {
        const StateArrays arrays = call.state.copy();
        auto running = call.batches.running.copy<float>();
        const Batches batches =
            call.batches.batches(nullptr, call.batches.running.bytes ? running.data() : nullptr);
        const Score score = trainer_.train(batches, call.objective, call.optimizer,
                                           arrays.state(trainer_.weights(), trainer_.buffers()),
                                           call.steps.steps());
        return call.after.is(arrays) && call.running_after.is(running) &&
               same(score.loss, call.loss) && score.correct == call.correct;
    }

    bool operator()(const Select& call) {
        std::vector<StateArrays> arrays;
        std::vector<State> states;
        for (const auto& state : call.states) {
            arrays.push_back(state.copy());
            states.push_back(arrays.back().state(trainer_.weights(), trainer_.buffers()));
        }
        const Score score =
            trainer_.select(call.batches.batches(nullptr), call.objective, call.optimizer, states,
                            call.steps.steps(), call.selection, states.size() > 1 ? &peer_ : nullptr);
        bool equal = same(score.loss, call.loss) && score.correct == call.correct;
        for (std::size_t n = 0; n < arrays.size(); ++n) equal = equal && call.after[n].is(arrays[n]);
        return equal;
    }

    bool operator()(const Gradient& call) {
        std::vector<float> losses(call.losses.count<float>());
        const Batches batches = call.batches.batches(losses.data());
        const auto score = trainer_.gradient_of(batches, static_cast<int>(batches.count),
                                                call.weights.as<float>(), call.objective);
        const std::vector<float> gradient(trainer_.gradient(), trainer_.gradient() + trainer_.weights());
        return call.gradient.is(gradient) && call.losses.is(losses) && same(score.loss, call.loss);
    }

    bool operator()(const Logits& call) {
        std::vector<float> logits(call.logits.count<float>());
        trainer_.logits(call.batches.batches(nullptr), call.weights.as<float>(), logits.data());
        return call.logits.is(logits);
    }

  private:
    static SelectingTrainer<L> made(const Recorded& recorded) {
        SelectingTrainer<L> trainer({static_cast<int>(recorded.channels),
                                     static_cast<int>(recorded.height), static_cast<int>(recorded.width)},
                                    recorded.scale.copy<float>(), recorded.offset.copy<float>());
        for (const auto& [kind, settings] : recorded.layers) trainer.add(kind, settings);
        return trainer;
    }

    SelectingTrainer<L> trainer_, peer_;
};

template <int L>
int differing(const Recorded& recorded, std::size_t number, int threads) {
    static std::mutex printing;
    Replay<L> replay(recorded, threads);
    int count = 0;
    for (std::size_t i = 0; i < recorded.calls.size(); ++i)
        if (!std::visit(replay, recorded.calls[i])) {
            ++count;
            const std::lock_guard lock(printing);
            std::printf("trainer %zu, call %zu differs\n", number, i);
        }
    return count;
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 2) return 2;
    const Tape tape(arguments[1]);
    const int trainers = count > 2 ? std::atoi(arguments[2]) : 1;
    const int team = count > 3 ? std::atoi(arguments[3]) : 1;
    std::atomic<std::size_t> next = 0;
    std::atomic<int> different = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < tape.trainers.size(); i = next++) {
            const Recorded& recorded = tape.trainers[i];
            different += recorded.lanes == 16 ? differing<16>(recorded, i, team)
                                              : differing<8>(recorded, i, team);
        }
    };
    std::vector<std::thread> threads;
    for (int i = trainers; i > 1; --i) threads.emplace_back(work);
    work();
    for (auto& thread : threads) thread.join();
    std::size_t calls = 0;
    for (const Recorded& recorded : tape.trainers) calls += recorded.calls.size();
    std::printf("%zu trainers, %zu calls, %d differ\n", tape.trainers.size(), calls, different.load());
    return different > 0 ? 1 : 0;
}
