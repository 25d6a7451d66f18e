// The settings of a layer, or the parameters of a loss, by name.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// A layer or loss reads each of its settings with the method of the expected type, which throws
// std::invalid_argument if the setting is missing or of another type. `done` rejects settings that were
// not read.
class Settings {
  public:
    using Value =
        std::variant<bool, std::int64_t, double, std::vector<std::int64_t>, std::vector<double>>;
    using Values = std::map<std::string, Value>;

    // `owner`: the layer or the loss, for messages.
    Settings(std::string owner, Values values) : owner_(std::move(owner)), values_(std::move(values)) {}

    bool flag(const std::string& name) {
        const bool* value = std::get_if<bool>(&read(name));
        expect(value, name, "true or false");
        return *value;
    }

    // An integer of 1 or more.
    int positive(const std::string& name) {
        const auto* value = std::get_if<std::int64_t>(&read(name));
        expect(value && *value > 0 && *value <= kMost, name, "an integer of 1 or more");
        return static_cast<int>(*value);
    }

    float number(const std::string& name) {
        const Value& value = read(name);
        const auto* whole = std::get_if<std::int64_t>(&value);
        const auto* real = std::get_if<double>(&value);
        expect(whole || (real && std::isfinite(*real)), name, "a number");
        return static_cast<float>(whole ? static_cast<double>(*whole) : *real);
    }

    // Integers of 0 or more.
    std::vector<int> counts(const std::string& name, std::size_t length) {
        const auto* values = std::get_if<std::vector<std::int64_t>>(&read(name));
        bool right = values && values->size() == length;
        for (std::size_t i = 0; right && i < length; ++i)
            right = (*values)[i] >= 0 && (*values)[i] <= kMost;
        expect(right, name, std::to_string(length) + " integers of 0 or more");
        return {values->begin(), values->end()};
    }

    std::vector<float> numbers(const std::string& name) {
        const Value& value = read(name);
        if (const auto* whole = std::get_if<std::vector<std::int64_t>>(&value))
            return {whole->begin(), whole->end()};
        const auto* real = std::get_if<std::vector<double>>(&value);
        expect(real, name, "a list of numbers");
        return {real->begin(), real->end()};
    }

    // Rejects the value of a setting unless it is `right`.
    void expect(bool right, const std::string& name, const std::string& expected) const {
        if (!right) throw std::invalid_argument(owner_ + ": " + name + " must be " + expected);
    }

    // Rejects settings that were not read.
    void done() const {
        for (const auto& [name, value] : values_)
            if (!known_.count(name))
                throw std::invalid_argument(owner_ + ": unknown setting \"" + name + "\"");
    }

  private:
    static constexpr std::int64_t kMost = std::numeric_limits<int>::max();

    const Value& read(const std::string& name) {
        known_.insert(name);
        const auto at = values_.find(name);
        if (at == values_.end()) throw std::invalid_argument(owner_ + ": " + name + " is missing");
        return at->second;
    }

    const std::string owner_;
    const Values values_;
    std::set<std::string> known_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
