// me demo: one ME's life, shown as it happens. Every step below must be seen, in this order.
#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "engine/host/paths.hpp"
#include "engine/smart_object.hpp"
#include "tools/me/capsule_file.hpp"
#include "tools/me/interrupt.hpp"
#include "tools/me/verbs/machine_options.hpp"

namespace me {
namespace {

using engine::fail;
using engine::SmartObject;
using Clock = std::chrono::steady_clock;

constexpr std::size_t log_lines_shown = 5;
constexpr std::chrono::seconds patience{120};  // for a step that does not come

class Demo {
 public:
  explicit Demo(const Context& context) : json_{context.json} {}

  // One line: what, and what exactly. Both are part of the result with --json.
  void show(std::string_view what, std::string_view detail, Colour colour = Colour::plain) {
    steps_.push_back({{"step", what}, {"detail", detail}});
    if (!json_) print_line(fmt::format("  {:<10}{}", what, paint(colour, printable(detail))));
  }

  Result<> run(const Context& context, engine::Options options);
  const json& steps() const { return steps_; }

 private:
  Result<> await(std::deque<std::string> expected);
  Result<> await_log_lines();
  Result<> show_store(SmartObject& so);
  void split(const engine::LogLines& lines);

  bool json_;
  json steps_ = json::array();
  std::shared_ptr<engine::Subscription> events_;
  std::uint32_t slot_ = 0;
  std::deque<std::string> log_;
};

void Demo::split(const engine::LogLines& lines) {
  for (std::string_view rest = lines.text; !rest.empty();) {
    const auto end = rest.find('\n');
    log_.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  }
}

// Shows callbacks and states of the ME as they come, until all of `expected` have come in their order.
Result<> Demo::await(std::deque<std::string> expected) {
  const auto deadline = Clock::now() + patience;
  while (!expected.empty()) {
    const auto event = events_->next(deadline);
    if (!event)
      return fail(Errc::timed_out, fmt::format("{} did not come within {} s", expected.front(), patience.count()));
    std::string name;
    if (const auto* ended = std::get_if<engine::Ended>(&*event)) return std::unexpected(ended->reason);
    if (const auto* lines = std::get_if<engine::LogLines>(&*event)) split(*lines);
    if (const auto* callback = std::get_if<engine::CallbackRan>(&*event); callback && !callback->ended) {
      name = callback->name;
      auto detail = name;
      if (callback->cooperation) detail += callback->cooperation->alone ? "  (alone)" : "";
      show("callback", detail, Colour::name);
    }
    if (const auto* state = std::get_if<engine::StateChanged>(&*event)) {
      name = abi::name(state->to);
      show("state", name, state->to == abi::State::living ? Colour::good : Colour::plain);
      if (state->crash != abi::CrashReason::none)
        return fail(Errc::failed, fmt::format("the ME died: {}", abi::name(state->crash)));
    }
    if (name == expected.front()) expected.pop_front();
    else if (std::ranges::count(expected, name) > 0)
      return fail(Errc::failed, fmt::format("{} came before {}", name, expected.front()));
  }
  return {};
}

Result<> Demo::await_log_lines() {
  const auto deadline = Clock::now() + patience;
  for (std::size_t shown = 0; shown < log_lines_shown;) {
    if (!log_.empty()) {
      if (const auto prefix = fmt::format("[ME:{}] ", slot_); !log_.front().starts_with(prefix))
        return fail(Errc::failed, fmt::format("a log line without the prefix '{}': {}", prefix, log_.front()));
      show("log", log_.front(), Colour::dim);
      log_.pop_front();
      ++shown;
      continue;
    }
    const auto event = events_->next(deadline);
    if (!event)
      return fail(Errc::timed_out,
                  fmt::format("{} of {} log lines came within {} s", shown, log_lines_shown, patience.count()));
    if (const auto* ended = std::get_if<engine::Ended>(&*event)) return std::unexpected(ended->reason);
    if (const auto* lines = std::get_if<engine::LogLines>(&*event)) split(*lines);
  }
  return {};
}

Result<> Demo::show_store(SmartObject& so) {
  for (const auto* key : {"spid", "spadcaps", "name", "shortdesc"}) {
    const auto path = fmt::format("soo/me/{}/{}", slot_, key);
    const auto value = so.store_read(path);
    if (!value) return std::unexpected(value.error());
    show("vbstore", fmt::format("{} = {}", path, *value));
  }
  return {};
}

Result<> Demo::run(const Context& context, engine::Options options) {
  options.name = "demo";
  options.interrupt = interrupt_token();
  complete(options, context);
  auto capsule = load_capsule(context.layout.refso3());
  if (!capsule) return std::unexpected(Error{capsule.error().code, capsule.error().message, "build it: ./me build"});
  show("built",
       fmt::format("{}, {} bytes", context.layout.refso3().filename().string(), with_commas(capsule->bytes().size())));

  auto so = SmartObject::start(options);
  if (!so) return std::unexpected(so.error());
  show("up", fmt::format("smart object in QEMU: {} CPUs, GICv{}, {} MB free", (*so)->ready().cpus, options.gic,
                         (*so)->ready().memory_free >> 20));

  events_ = (*so)->subscribe();
  auto slot = (*so)->begin_inject(capsule->bytes());
  if (!slot) return std::unexpected(slot.error());
  slot_ = *slot;
  show("injected", fmt::format("{} into slot {}", capsule->me().name, slot_));
  if (auto lived = await({"ME_state_booting", "callbacks_init", "ME_state_preparing", "cb_pre_activate", "cb_cooperate",
                          "ME_state_living"});
      !lived)
    return lived;
  if (auto stored = show_store(**so); !stored) return stored;
  if (auto logged = await_log_lines(); !logged) return logged;

  if (auto stopped = (*so)->stop(slot_, std::chrono::seconds(5)); !stopped) return stopped;
  if (auto ended = await({"cb_force_terminate", "ME_state_terminated", "ME_state_dead"}); !ended) return ended;
  if (auto off = (*so)->power_off(); !off) return off;
  show("off", "smart object powered off");
  return {};
}

}  // namespace

void add_demo(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("demo");
  auto options = std::make_shared<engine::Options>();
  add_machine_options(*verb, *options);
  verb->callback([options, &chosen] {
    chosen = [options](Context& context) {
      Demo demo(context);
      auto done = demo.run(context, *options);
      if (context.json) print_json({{"ok", done.has_value()}, {"steps", demo.steps()}});
      return done;
    };
  });
}

}  // namespace me
