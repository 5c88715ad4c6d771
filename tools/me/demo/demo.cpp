#include "tools/me/demo/demo.hpp"

#include <fmt/format.h>

#include "tools/me/capsule_file.hpp"
#include "tools/me/interrupt.hpp"
#include "tools/me/verbs/machine_options.hpp"

namespace me::demo {
namespace {

using engine::fail;
using engine::SmartObject;

// What is seen of the sequences, so3/abi/sequence.hpp.
const Names injection{"ME_state_booting", "callbacks_init", "ME_state_preparing",
                      "cb_pre_activate",  "cb_cooperate",   "ME_state_living"};
const Names resident{"cb_pre_propagate", "cb_pre_suspend",   "ME_state_suspended",
                     "cb_pre_resume",    "cb_post_activate", "ME_state_living"};
const Names arrival{"ME_state_migrating", "cb_pre_activate",  "cb_cooperate",
                    "cb_pre_resume",      "cb_post_activate", "ME_state_living"};

Result<engine::Capsule> capsule(const std::filesystem::path& file) {
  auto loaded = load_capsule(file);
  if (!loaded) return std::unexpected(Error{loaded.error().code, loaded.error().message, "build it: ./me build"});
  return loaded;
}

}  // namespace

Result<std::uint32_t> Demo::newest(Place& place) {
  const auto all = place.so->list();
  if (!all) return std::unexpected(all.error());
  for (const auto& me : *all)
    if (me.slot != at_b_ && me.name == "SOO.refso3") return me.slot;
  return fail(Errc::failed, fmt::format("no copy came to {}", place.name));
}

Result<> Demo::start(Place& place, engine::Options options, const char* name) {
  options.name = place.name = name;
  auto started = SmartObject::start(options);
  if (!started) return std::unexpected(started.error());
  place.so = std::move(*started);
  place.events = place.so->subscribe();
  stage_.show("up", fmt::format("{}: smart object in QEMU, {} CPUs, GICv{}, {} MB free", name, place.so->ready().cpus,
                                options.gic, place.so->ready().memory_free >> 20));
  if (auto by_hand = place.so->set_period(std::chrono::milliseconds(0)); !by_hand) return by_hand;  // step by step
  return film_.begin(*place.so);
}

Result<> Demo::link() {
  if (auto linked = SmartObject::link(*a_.so, *b_.so); !linked) return linked;
  stage_.show("linked", fmt::format("{} and {} are neighbours", a_.name, b_.name));
  return {};
}

Result<> Demo::inject_first() {
  stage_.scene("An ME is injected");
  const auto file = context_.layout.refso3();
  const auto refso3 = capsule(file);
  if (!refso3) return std::unexpected(refso3.error());
  stage_.show("capsule", fmt::format("{}, {} bytes", file.filename().string(), with_commas(refso3->bytes().size())));
  const auto slot = a_.so->begin_inject(refso3->bytes());
  if (!slot) return std::unexpected(slot.error());
  at_a_ = *slot;
  if (auto lived = stage_.await(a_, {{at_a_, injection}}); !lived) return lived;
  if (auto stored = stage_.show_store(a_, at_a_); !stored) return stored;
  return stage_.await_log(a_, at_a_, 2);
}

Result<> Demo::propagate() {
  stage_.scene("It propagates: a copy of it goes to the neighbour, while it lives on");
  const auto said = a_.so->propagate(at_a_, b_.name);
  if (!said) return std::unexpected(said.error());
  const auto slot = newest(b_);
  if (!slot) return std::unexpected(slot.error());
  at_b_ = *slot;
  if (auto left = stage_.await(a_, {{at_a_, resident}}); !left) return left;
  if (auto came = stage_.await(b_, {{at_b_, arrival}}); !came) return came;
  if (auto stored = stage_.show_store(b_, at_b_); !stored) return stored;
  return stage_.await_log(b_, at_b_, 2);
}

Result<> Demo::move() {
  move_ = stage_.scenes().size();
  stage_.scene("It moves there itself: it cooperates with its copy, and replaces it");
  const auto slot = a_.so->migrate(at_a_, b_.name);
  if (!slot) return std::unexpected(slot.error());
  if (auto left = stage_.await(a_, {{at_a_, {"cb_pre_suspend", "ME_state_suspended", "ME_state_dead"}}}); !left)
    return left;
  if (auto came =
          stage_.await(b_, {{*slot, arrival}, {at_b_, {"cb_cooperate", "ME_state_terminated", "ME_state_dead"}}});
      !came)
    return came;
  at_b_ = *slot;
  return stage_.await_log(b_, at_b_, 2);
}

Result<> Demo::hunt() {
  stage_.scene("An ME comes that asks others to die: they decide");
  const auto hunter = capsule(context_.layout.hunter());
  if (!hunter) return std::unexpected(hunter.error());
  const auto slot = b_.so->begin_inject(hunter->bytes());
  if (!slot) return std::unexpected(slot.error());
  hunter_ = *slot;
  return stage_.await(b_, {{hunter_, injection}, {at_b_, {"cb_kill_me", "ME_state_killed", "ME_state_dead"}}});
}

Result<> Demo::close_down() {
  stage_.scene("The place closes down");
  if (auto stopped = b_.so->stop(hunter_, std::chrono::seconds(5)); !stopped) return stopped;
  if (auto ended = stage_.await(b_, {{hunter_, {"cb_force_terminate", "ME_state_terminated", "ME_state_dead"}}});
      !ended)
    return ended;
  for (auto* place : {&a_, &b_}) {
    if (auto filmed = film_.end(*place->so); !filmed) return filmed;
    if (auto off = place->so->power_off(); !off) return off;
    stage_.show("off", fmt::format("{} powered off", place->name));
  }
  return {};
}

// The move as a diagram; all of it in the files.
Result<> Demo::show_film() {
  if (auto written = film_.write(stage_.scenes(), move_); !written) return written;
  stage_.scene("The move, as it was recorded");
  for (const auto& line : film_.text()) stage_.say(line);
  stage_.say("");
  stage_.show("move", fmt::format("{}: this diagram", film_.scene().string()));
  stage_.show("diagram", fmt::format("{}: all of the demo", film_.diagram().string()));
  stage_.show("trace", fmt::format("{}: open it in https://ui.perfetto.dev", film_.trace().string()));
  return {};
}

Result<> Demo::run(const engine::Options& chosen, const std::filesystem::path& logs) {
  if (auto room = film_.prepare(); !room) return room;
  auto options = chosen;
  options.interrupt = interrupt_token();
  complete(options, context_);
  if (context_.log_dir.empty()) options.log_base = logs;
  stage_.scene("Two smart objects");
  if (auto up = start(a_, options, "demo1"); !up) return up;
  if (auto up = start(b_, options, "demo2"); !up) return up;
  if (auto linked = link(); !linked) return linked;
  if (auto done = inject_first(); !done) return done;
  if (auto done = propagate(); !done) return done;
  if (auto done = move(); !done) return done;
  if (auto done = hunt(); !done) return done;
  if (auto done = close_down(); !done) return done;
  return show_film();
}

}  // namespace me::demo
