// Options of the machine, the same for every verb that starts one.
#pragma once
#include "engine/options.hpp"
#include "tools/me/verb.hpp"

namespace me {

void add_machine_options(CLI::App& verb, engine::Options& options);
// What brings these options to another process of this program.
[[nodiscard]] std::vector<std::string> machine_arguments(const engine::Options& options);
// Images and log folder, from where this program is.
void complete(engine::Options& options, const Context& context);

}  // namespace me
