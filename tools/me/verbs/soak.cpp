// me soak: MEs round a ring of smart objects of their own; none may be lost, doubled or altered.
#include <fmt/format.h>

#include "tools/me/capsule_file.hpp"
#include "tools/me/interrupt.hpp"
#include "tools/me/soak/soak.hpp"
#include "tools/me/temporary_folder.hpp"
#include "tools/me/verbs/machine_options.hpp"

namespace me {
namespace {

using Clock = std::chrono::steady_clock;

Result<> run(Context& context, const soak::Plan& plan) {
  engine::Options options;
  options.cpus = 3;
  options.memory_mb = 192;
  options.window_mb = 16;
  options.interrupt = interrupt_token();
  complete(options, context);
  // Its smart objects are nobody else's: another soak may run at the same time.
  const auto folder = TemporaryFolder::make();
  if (!folder) return std::unexpected(folder.error());
  if (context.log_dir.empty()) options.log_base = folder->path();
  auto traveller = load_capsule(context.layout.traveller());
  auto nomad = load_capsule(context.layout.nomad());
  for (const auto* capsule : {&traveller, &nomad})
    if (!*capsule)
      return std::unexpected(Error{capsule->error().code, capsule->error().message, "build it: ./me build"});
  const auto began = Clock::now();
  soak::Soak soak(plan, options, std::move(*traveller), std::move(*nomad));
  const auto done = soak.run();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - began).count();
  const auto& t = soak.tally();
  const auto again = fmt::format("the same again: me soak --hops {} --objects {} --mes {} --seed {}{}", plan.hops,
                                 plan.objects, plan.mes, plan.seed, plan.chaos ? " --chaos" : "");
  if (context.json)
    print_json({{"ok", done.has_value()},
                {"hops", t.hops},
                {"objects", plan.objects},
                {"mes", plan.mes},
                {"seed", plan.seed},
                {"seconds", seconds},
                {"copies", t.copies},
                {"smart_objects_killed", t.deaths},
                {"lost_with_their_host", t.lost_with_host},
                {"survived_the_death_of_a_host", t.survived_death},
                {"memory", soak.memory()},
                {"found", done ? json(nullptr) : json(done.error().message)}});
  if (!done) {
    if (done.error().code == Errc::interrupted) return done;
    return std::unexpected(
        Error{done.error().code, fmt::format("after {} hops: {}", t.hops, done.error().message), again});
  }
  if (!context.json)
    print_line(fmt::format(
        "{} hops of {} MEs over {} smart objects in {} s: none lost, doubled or altered, memory flat "
        "({} copies, {} smart objects killed with {} MEs; seed {})",
        with_commas(t.hops), plan.mes, plan.objects, seconds, t.copies, t.deaths, t.lost_with_host, plan.seed));
  return {};
}

}  // namespace

void add_soak(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("soak");
  auto plan = std::make_shared<soak::Plan>();
  verb->add_option("--hops", plan->hops)->check(decimal())->check(CLI::Range(1U, 100'000'000U));
  verb->add_option("--objects", plan->objects)->check(decimal())->check(CLI::Range(2U, 16U));
  verb->add_option("--mes", plan->mes)->check(decimal())->check(CLI::Range(1U, 32U));
  verb->add_option("--seed", plan->seed);
  verb->add_flag("--chaos", plan->chaos);
  verb->add_flag("-v,--verbose", plan->verbose);
  verb->callback([plan, &chosen] { chosen = [plan](Context& context) { return run(context, *plan); }; });
}

}  // namespace me
