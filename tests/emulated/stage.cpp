#include "tests/emulated/stage.hpp"

namespace emulated {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds soon{20};  // for what comes within a second, on a busy host
constexpr std::string_view sign = "still here";

std::unique_ptr<SmartObject> start(const engine::Options& options) {
  auto started = SmartObject::start(options);
  if (!started) throw std::runtime_error(started.error().message);  // GoogleTest reports it
  return std::move(*started);
}

bool is_as_expected(const std::vector<engine::MeInfo>& mes, Fate fate) {
  if (fate == Fate::none) return mes.empty();
  return mes.size() == 1 && mes[0].state == (fate == Fate::rests ? abi::State::dormant : abi::State::living);
}

}  // namespace

Stage::Stage(const engine::Options& options) : so_{start(options)}, events_{so_->subscribe()} {
  witness_ = so_->inject(capsule("tests/target/moody/witness.itb")).value();
  goes_on(witness_);
  memory_free_ = so_->info().value().memory_free;
}

Stage::~Stage() {
  if (so_->options().coverage_folder.empty()) return;
  (void)so_->stop(witness_, patience);  // a domain prints its counters when it ends in order
  (void)so_->power_off();
}

void Stage::begin_case() {
  catch_up();
  console_.clear();
  lines_.clear();
  called_.clear();
}

bool Stage::says(std::string_view what) const {
  const auto has = [&](const auto& line) { return line.contains(what); };
  return std::ranges::any_of(console_, has) ||
         std::ranges::any_of(lines_, [&](const auto& of_one) { return std::ranges::any_of(of_one.second, has); });
}

void Stage::take(const Event& event) {
  if (const auto* line = std::get_if<engine::ConsoleLine>(&event)) console_.push_back(line->text);
  if (const auto* ran = std::get_if<CallbackRan>(&event); ran && !ran->ended) ++called_[ran->slot];
  const auto* log = std::get_if<LogLines>(&event);
  if (log == nullptr) return;
  std::istringstream text(log->text);
  for (std::string line; std::getline(text, line);) lines_[log->slot].push_back(line);
}

// With all that had happened when the last call was answered.
void Stage::catch_up() {
  while (const auto event = events_->next(Clock::now())) take(*event);
}

bool Stage::until(const std::function<bool()>& so, Clock::time_point deadline) {
  while (!so()) {
    const auto event = events_->next(deadline);
    if (!event || std::holds_alternative<Ended>(*event)) return false;
    take(*event);
  }
  return true;
}

void Stage::goes_on(std::uint32_t slot, std::size_t lines) {
  catch_up();
  const auto signs = [&] {
    return static_cast<std::size_t>(
        std::ranges::count_if(lines_[slot], [](const auto& line) { return line.contains(sign); }));
  };
  const auto wanted = signs() + lines;
  EXPECT_TRUE(until([&] { return signs() >= wanted; }, Clock::now() + soon)) << "slot " << slot << " is silent";
}

void Stage::stands_still(std::uint32_t slot) {
  const auto rests = [&] {
    const auto mes = others();
    return mes.size() == 1 && mes[0].slot == slot && mes[0].state == abi::State::dormant;
  };
  EXPECT_TRUE(until(rests, Clock::now() + soon));
  // What it said before it was stopped comes before what the witness says from now on.
  goes_on(witness_, 2);
  const auto lines = lines_[slot].size();
  const auto calls = called_[slot];
  goes_on(witness_, 5);
  EXPECT_EQ(lines_[slot].size(), lines);
  EXPECT_EQ(called_[slot], calls);
}

std::vector<engine::MeInfo> Stage::others() {
  auto all = so_->list();
  EXPECT_TRUE(all) << all.error().message;
  if (!all) return {};
  std::erase_if(*all, [this](const auto& me) { return me.slot == witness_; });
  return *all;
}

void Stage::expect(Fate fate) {
  EXPECT_TRUE(until([&] { return is_as_expected(others(), fate); }, Clock::now() + soon));
  const auto mes = others();
  if (!is_as_expected(mes, fate)) {
    ADD_FAILURE() << mes.size() << " beside the witness"
                  << (mes.empty() ? "" : fmt::format(", one in {}", abi::name(mes[0].state)));
    return;
  }
  if (fate == Fate::none) return;
  const auto slot = mes[0].slot;
  if (fate == Fate::lives) goes_on(slot);
  if (fate == Fate::rests) stands_still(slot);
  EXPECT_TRUE(so_->kill(slot));
}

void Stage::expect_nobody_else() {
  goes_on(witness_);
  EXPECT_TRUE(others().empty());
  EXPECT_EQ(so_->info().value().memory_free, memory_free_);
  for (const char* top : {"soo/me", "device", "backend/vlogs"})
    EXPECT_EQ(so_->store_list(top).value(), Names{std::to_string(witness_)}) << top;
}

void Stage::show() const {
  for (const auto& line : console_) fmt::print("{}: {}\n", so_->options().name, line);
  for (const auto& [slot, lines] : lines_)
    for (const auto& line : lines) fmt::print("{}: {}\n", so_->options().name, line);
}

}  // namespace emulated
