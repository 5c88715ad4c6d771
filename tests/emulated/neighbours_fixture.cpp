#include "tests/emulated/neighbours_fixture.hpp"

#include <fmt/ranges.h>
#include <signal.h>

namespace emulated {

using namespace std::chrono_literals;

void Place::boot() {
  so_.reset();  // what it had, logs among it, is free again
  auto started = SmartObject::start(options_);
  if (!started) throw std::runtime_error(started.error().message);  // GoogleTest reports it
  so_ = std::move(*started);
  events_ = so_->subscribe();
  if (const auto set = so_->set_period(0ms); !set) throw std::runtime_error(set.error().message);
}

void Place::kill() {
  ::kill(so_->qemu_pid(), SIGKILL);
  const auto deadline = Clock::now() + patience;
  while (const auto event = events_->next(deadline))
    if (std::holds_alternative<Ended>(*event)) return;
  ADD_FAILURE() << name() << " was killed and has not ended";
}

std::optional<Event> Place::next(std::string_view awaited, Clock::time_point deadline) {
  auto event = events_->next(deadline);
  if (event && !std::holds_alternative<Ended>(*event)) return event;
  ADD_FAILURE() << name() << ", waiting for " << awaited << ": "
                << (event ? std::get<Ended>(*event).reason.message : "it did not come");
  for (const auto& line : so_->console_tail()) fmt::print("{}: {}\n", name(), line);
  return {};
}

Names Place::happened(std::uint32_t slot, std::string_view last) {
  Names names;
  const auto deadline = Clock::now() + patience;
  while (names.empty() || names.back() != last) {
    const auto event = next(last, deadline);
    if (!event) break;
    note(names, *event, slot);
  }
  return names;
}

Names Place::happened_until_now(std::uint32_t slot) {
  Names names;
  while (const auto event = events_->next(Clock::now())) note(names, *event, slot);
  return names;
}

std::string Place::line(std::uint32_t slot, std::string_view begin) { return find_line(slot, begin, false); }
std::string Place::line_or_death(std::uint32_t slot, std::string_view begin) { return find_line(slot, begin, true); }

std::string Place::find_line(std::uint32_t slot, std::string_view begin, bool may_end) {
  auto& lines = lines_[slot];
  const auto deadline = Clock::now() + patience;
  for (;;) {
    for (; !lines.empty(); lines.pop_front())
      if (lines.front().starts_with(begin)) {
        auto found = std::move(lines.front());
        lines.pop_front();
        return found;
      }
    const auto event = next(begin, deadline);
    if (!event) return {};
    if (const auto* s = std::get_if<StateChanged>(&*event);
        s && (s->to == abi::State::migrating || s->to == abi::State::booting)) {
      lines_[s->slot].clear();  // somebody else is in it from here on
    } else if (may_end && s && s->slot == slot && s->to == abi::State::dead) {
      return {};
    }
    const auto* log = std::get_if<LogLines>(&*event);
    if (!log) continue;
    const auto prefix = fmt::format("[ME:{}] ", log->slot);
    std::istringstream text(log->text);
    for (std::string one; std::getline(text, one);) {
      if (one.starts_with(prefix)) lines_[log->slot].push_back(one.substr(prefix.size()));
      else ADD_FAILURE() << "a line without '" << prefix << "': " << one;
    }
  }
}

void Place::forget() {
  while (const auto event = events_->next(Clock::now())) {
  }
  lines_.clear();
}

engine::TransferChanged Place::transferred(bool incoming) {
  const auto deadline = Clock::now() + patience;
  while (const auto event = next("the end of a transfer", deadline)) {
    const auto* change = std::get_if<engine::TransferChanged>(&*event);
    if (!change || change->incoming != incoming) continue;
    if (change->state == abi::transfer::name(abi::transfer::Sender::done) ||
        (incoming && change->state != abi::transfer::name(abi::transfer::Receiver::receiving) &&
         change->state != abi::transfer::name(abi::transfer::Receiver::activating)))
      return *change;
  }
  return {};
}

std::uint32_t Place::inject(const engine::Capsule& image) {
  const auto slot = so_->inject(image);
  EXPECT_TRUE(slot) << slot.error().message;
  return slot.value_or(0);
}

std::map<std::uint64_t, engine::MeInfo> Place::all() {
  std::map<std::uint64_t, engine::MeInfo> found;
  const auto list = so_->list();
  EXPECT_TRUE(list) << list.error().message;
  if (list)
    for (const auto& me : *list) {
      EXPECT_FALSE(found.contains(me.instance_id)) << name() << " has an instance twice";
      found[me.instance_id] = me;
    }
  return found;
}

void NeighboursTest::SetUp() {
  options_.cpus = 2;
  options_.avz = target_folder() / "so3/avz/avz.bin";
  options_.agency = target_folder() / "so3/agency/agency.bin";
  options_.log_base = fs::path(testing::TempDir()) / fmt::format("neighbours-{}", ::getpid());
  if (const char* folder = std::getenv("ME_COVERAGE")) options_.coverage_folder = folder;
  options_.boot_deadline = options_.call_deadline = patience;
}

void NeighboursTest::TearDown() {
  if (HasFailure())
    for (auto& place : places_)
      for (const auto& line : place->so().console_tail()) fmt::print("{}: {}\n", place->name(), line);
  // A domain prints its counters when it ends in order.
  if (!options_.coverage_folder.empty())
    for (auto& place : places_) {
      if (const auto mes = place->so().list())
        for (const auto& me : *mes) (void)place->so().stop(me.slot, patience);
      (void)place->so().power_off();
    }
  places_.clear();
  between_.clear();
  fs::remove_all(options_.log_base);
}

void NeighboursTest::boot(unsigned count) {
  while (count-- != 0) {
    const auto i = places_.size();
    options_.name = fmt::format("so{}", i + 1);
    options_.gic = GetParam()[i % GetParam().size()];
    places_.push_back(std::make_unique<Place>(options_));
  }
}

void NeighboursTest::link(unsigned asking, unsigned accepting, MiddleMan::Judge judge) {
  engine::FileDescriptor ends[2];
  if (judge) {
    between_.push_back(std::make_unique<MiddleMan>(std::move(judge)));
    ends[0] = between_.back()->asking();
    ends[1] = between_.back()->accepting();
  } else {
    int fds[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    ends[0] = engine::FileDescriptor(fds[0]);
    ends[1] = engine::FileDescriptor(fds[1]);
  }
  at(accepting)->expect_link(std::move(ends[1]));
  const auto linked = at(asking)->ask_link(std::move(ends[0]));
  ASSERT_TRUE(linked) << linked.error().message;
  ASSERT_TRUE(tests::wait_until([&] {
    const auto there = at(accepting)->neighbours();
    return there && std::ranges::any_of(*there, [&](const auto& n) { return n.name == at(asking).name(); });
  })) << at(accepting).name()
      << " does not know that they are linked";
}

unsigned NeighboursTest::lives(std::uint64_t instance) {
  unsigned count = 0;
  for (auto& place : places_)
    if (const auto all = place->all(); all.contains(instance)) {
      ++count;
      EXPECT_TRUE(all.at(instance).state == abi::State::living || all.at(instance).state == abi::State::dormant)
          << place->name() << ": " << abi::name(all.at(instance).state);
    }
  return count;
}

}  // namespace emulated
