// me demo: the lives of a few MEs on two smart objects, shown as they happen. Every step below must be seen, in its order.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>

#include "engine/host/paths.hpp"
#include "engine/smart_object.hpp"
#include "tools/me/capsule_file.hpp"
#include "tools/me/interrupt.hpp"
#include "tools/me/temporary_folder.hpp"
#include "tools/me/verbs/machine_options.hpp"

namespace me {
namespace {

using engine::fail;
using engine::SmartObject;
using Clock = std::chrono::steady_clock;
using Names = std::deque<std::string_view>;

constexpr std::chrono::seconds patience{120};  // for a step that does not come

struct Place {
  std::string name;
  std::unique_ptr<SmartObject> so;
  std::shared_ptr<engine::Subscription> events;
  std::map<std::uint32_t, std::deque<std::string>> log;  // not shown yet
};

class Demo {
 public:
  explicit Demo(const Context& context) : json_{context.json} {}

  Result<> run(const Context& context, const engine::Options& chosen, const std::filesystem::path& logs);
  const json& steps() const { return steps_; }

 private:
  // One line: what, and what exactly. Both are part of the result with --json.
  void show(std::string_view what, std::string_view detail, Colour colour = Colour::plain);
  void scene(std::string_view title);

  Result<> start(Place& place, engine::Options options, const char* name);
  Result<> link();
  Result<> inject_first(const Context& context);
  Result<> propagate_first();
  Result<> meet();
  Result<> hunt(const Context& context);
  Result<> close_down();

  // Shows what happens to MEs of the place, until all that is expected of each slot has come, in its order.
  Result<> await(Place& place, std::map<std::uint32_t, Names> expected);
  Result<std::string> shown_event(Place& place, std::uint32_t slot, const engine::Event& event);
  Result<> await_log(Place& place, std::uint32_t slot, std::size_t lines);
  Result<> show_store(Place& place, std::uint32_t slot);
  Result<std::uint32_t> newest(Place& place);

  bool json_;
  json steps_ = json::array();
  Place a_, b_;
  std::uint32_t at_a_ = 0, at_b_ = 0;  // slots of the refso3
};

void Demo::show(std::string_view what, std::string_view detail, Colour colour) {
  steps_.push_back({{"step", what}, {"detail", detail}});
  if (!json_) print_line(fmt::format("  {:<10}{}", what, paint(colour, printable(detail))));
}

void Demo::scene(std::string_view title) {
  steps_.push_back({{"step", "scene"}, {"detail", title}});
  if (!json_) print_line(fmt::format("\n{}", title));
}

void keep(Place& place, const engine::LogLines& lines) {
  for (std::string_view rest = lines.text; !rest.empty();) {
    const auto end = rest.find('\n');
    place.log[lines.slot].emplace_back(rest.substr(0, end));
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  }
}

// The name of what is expected, once it has been shown; empty for what is not.
Result<std::string> Demo::shown_event(Place& place, std::uint32_t slot, const engine::Event& event) {
  if (const auto* callback = std::get_if<engine::CallbackRan>(&event);
      callback && callback->slot == slot && !callback->ended) {
    auto detail = fmt::format("{} ME {}  {}", place.name, slot, callback->name);
    if (const auto& with = callback->cooperation)
      detail += with->alone ? "  (alone)" : with->role == abi::Role::initiator ? "  (initiator)" : "  (target)";
    show("callback", detail, Colour::name);
    return std::string(callback->name);
  }
  if (const auto* state = std::get_if<engine::StateChanged>(&event); state && state->slot == slot) {
    show("state", fmt::format("{} ME {}  {}", place.name, slot, abi::name(state->to)),
         state->to == abi::State::living ? Colour::good : Colour::plain);
    if (state->crash != abi::CrashReason::none)
      return fail(Errc::failed, fmt::format("the ME died: {}", abi::name(state->crash)));
    return std::string(abi::name(state->to));
  }
  return std::string();
}

Result<> Demo::await(Place& place, std::map<std::uint32_t, Names> expected) {
  const auto deadline = Clock::now() + patience;
  const auto open = [&] {
    return std::ranges::find_if(expected, [](const auto& slot) { return !slot.second.empty(); });
  };
  for (auto next = open(); next != expected.end(); next = open()) {
    const auto event = place.events->next(deadline);
    if (!event)
      return fail(Errc::timed_out, fmt::format("{} of ME {} of {} did not come within {} s", next->second.front(),
                                               next->first, place.name, patience.count()));
    if (const auto* ended = std::get_if<engine::Ended>(&*event)) return std::unexpected(ended->reason);
    if (const auto* lines = std::get_if<engine::LogLines>(&*event)) keep(place, *lines);
    for (auto& [slot, names] : expected) {
      const auto name = shown_event(place, slot, *event);
      if (!name) return std::unexpected(name.error());
      if (name->empty()) continue;
      if (!names.empty() && *name == names.front()) names.pop_front();
      else if (std::ranges::count(names, *name) > 0)
        return fail(Errc::failed, fmt::format("{} came before {}", *name, names.front()));
    }
  }
  return {};
}

Result<> Demo::await_log(Place& place, std::uint32_t slot, std::size_t lines) {
  const auto deadline = Clock::now() + patience;
  const auto prefix = fmt::format("[ME:{}] ", slot);
  auto& log = place.log[slot];
  for (std::size_t shown = 0; shown < lines;) {
    if (!log.empty()) {
      if (!log.front().starts_with(prefix))
        return fail(Errc::failed, fmt::format("a log line without the prefix '{}': {}", prefix, log.front()));
      show("log", fmt::format("{} {}", place.name, log.front()), Colour::dim);
      log.pop_front();
      ++shown;
      continue;
    }
    const auto event = place.events->next(deadline);
    if (!event)
      return fail(Errc::timed_out, fmt::format("{} of {} log lines came within {} s", shown, lines, patience.count()));
    if (const auto* ended = std::get_if<engine::Ended>(&*event)) return std::unexpected(ended->reason);
    if (const auto* more = std::get_if<engine::LogLines>(&*event)) keep(place, *more);
  }
  return {};
}

Result<> Demo::show_store(Place& place, std::uint32_t slot) {
  for (const auto* key : {"spid", "spadcaps", "name", "shortdesc"}) {
    const auto path = fmt::format("soo/me/{}/{}", slot, key);
    const auto value = place.so->store_read(path);
    if (!value) return std::unexpected(value.error());
    show("vbstore", fmt::format("{} {} = {}", place.name, path, *value));
  }
  return {};
}

// The slot of the ME that came last.
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
  show("up", fmt::format("{}: smart object in QEMU, {} CPUs, GICv{}, {} MB free", name, place.so->ready().cpus,
                         options.gic, place.so->ready().memory_free >> 20));
  return place.so->set_period(std::chrono::milliseconds(0));  // by hand: one step after the other
}

Result<> Demo::link() {
  if (auto linked = SmartObject::link(*a_.so, *b_.so); !linked) return linked;
  show("linked", fmt::format("{} and {} are neighbours", a_.name, b_.name));
  return {};
}

Result<> Demo::inject_first(const Context& context) {
  scene("An ME is injected");
  auto capsule = load_capsule(context.layout.refso3());
  if (!capsule) return std::unexpected(Error{capsule.error().code, capsule.error().message, "build it: ./me build"});
  show("capsule",
       fmt::format("{}, {} bytes", context.layout.refso3().filename().string(), with_commas(capsule->bytes().size())));
  const auto slot = a_.so->begin_inject(capsule->bytes());
  if (!slot) return std::unexpected(slot.error());
  at_a_ = *slot;
  if (auto lived = await(a_, {{at_a_,
                               {"ME_state_booting", "callbacks_init", "ME_state_preparing", "cb_pre_activate",
                                "cb_cooperate", "ME_state_living"}}});
      !lived)
    return lived;
  if (auto stored = show_store(a_, at_a_); !stored) return stored;
  return await_log(a_, at_a_, 2);
}

constexpr std::string_view resident[] = {"cb_pre_propagate", "cb_pre_suspend",   "ME_state_suspended",
                                         "cb_pre_resume",    "cb_post_activate", "ME_state_living"};
constexpr std::string_view arrival[] = {"ME_state_migrating", "cb_pre_activate",  "cb_cooperate",
                                        "cb_pre_resume",      "cb_post_activate", "ME_state_living"};

Result<> Demo::propagate_first() {
  scene("It propagates: a copy of it goes to the neighbour, while it lives on");
  const auto said = a_.so->propagate(at_a_, b_.name);
  if (!said) return std::unexpected(said.error());
  const auto slot = newest(b_);
  if (!slot) return std::unexpected(slot.error());
  at_b_ = *slot;
  if (auto left = await(a_, {{at_a_, Names(std::begin(resident), std::end(resident))}}); !left) return left;
  if (auto came = await(b_, {{at_b_, Names(std::begin(arrival), std::end(arrival))}}); !came) return came;
  if (auto stored = show_store(b_, at_b_); !stored) return stored;
  return await_log(b_, at_b_, 2);
}

Result<> Demo::meet() {
  scene("It propagates again: the newcomer cooperates with the one that is there, and replaces it");
  const auto said = a_.so->propagate(at_a_, b_.name);
  if (!said) return std::unexpected(said.error());
  const auto slot = newest(b_);
  if (!slot) return std::unexpected(slot.error());
  if (auto left = await(a_, {{at_a_, Names(std::begin(resident), std::end(resident))}}); !left) return left;
  if (auto came = await(b_, {{*slot, Names(std::begin(arrival), std::end(arrival))},
                             {at_b_, {"cb_cooperate", "ME_state_terminated", "ME_state_dead"}}});
      !came)
    return came;
  at_b_ = *slot;
  return await_log(b_, at_b_, 2);
}

Result<> Demo::hunt(const Context& context) {
  scene("An ME comes that asks others to die: they decide");
  const auto capsule = load_capsule(context.layout.hunter());
  if (!capsule) return std::unexpected(Error{capsule.error().code, capsule.error().message, "build it: ./me build"});
  const auto slot = b_.so->begin_inject(capsule->bytes());
  if (!slot) return std::unexpected(slot.error());
  return await(b_, {{*slot,
                     {"ME_state_booting", "callbacks_init", "ME_state_preparing", "cb_pre_activate", "cb_cooperate",
                      "ME_state_living"}},
                    {at_b_, {"cb_kill_me", "ME_state_killed", "ME_state_dead"}}});
}

Result<> Demo::close_down() {
  scene("The place closes down");
  if (auto stopped = a_.so->stop(at_a_, std::chrono::seconds(5)); !stopped) return stopped;
  if (auto ended = await(a_, {{at_a_, {"cb_force_terminate", "ME_state_terminated", "ME_state_dead"}}}); !ended)
    return ended;
  for (auto* place : {&a_, &b_}) {
    if (auto off = place->so->power_off(); !off) return off;
    show("off", fmt::format("{} powered off", place->name));
  }
  return {};
}

Result<> Demo::run(const Context& context, const engine::Options& chosen, const std::filesystem::path& logs) {
  auto options = chosen;
  options.interrupt = interrupt_token();
  complete(options, context);
  if (context.log_dir.empty()) options.log_base = logs;
  scene("Two smart objects");
  if (auto up = start(a_, options, "demo1"); !up) return up;
  if (auto up = start(b_, options, "demo2"); !up) return up;
  if (auto linked = link(); !linked) return linked;
  if (auto done = inject_first(context); !done) return done;
  if (auto done = propagate_first(); !done) return done;
  if (auto done = meet(); !done) return done;
  if (auto done = hunt(context); !done) return done;
  return close_down();
}

}  // namespace

void add_demo(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("demo");
  auto options = std::make_shared<engine::Options>();
  add_machine_options(*verb, *options);
  verb->callback([options, &chosen] {
    chosen = [options](Context& context) {
      const auto folder = TemporaryFolder::make();  // what it logs is shown, and another demo may run meanwhile
      if (!folder) return Result<>(std::unexpected(folder.error()));
      Demo demo(context);
      auto done = demo.run(context, *options, folder->path());
      if (context.json) print_json({{"ok", done.has_value()}, {"steps", demo.steps()}});
      return done;
    };
  });
}

}  // namespace me
