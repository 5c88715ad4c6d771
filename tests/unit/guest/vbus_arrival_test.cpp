// Frontends at a new place, before a backend that a test plays (design decision 9; M59, M62).
#include <string>
#include <vector>

#include "so3/guest/events.hpp"
#include "so3/guest/granted_page.hpp"
#include "so3/guest/place.hpp"
#include "so3/guest/vbus/bus.hpp"
#include "tests/unit/guest/world.hpp"

namespace {

using abi::vbus::State;
using vbus::Fault;

// As a device is: a page, a channel, and what authors call.
class Traveller final : public vbus::Frontend {
 public:
  static inline std::vector<Traveller*> all;
  static inline std::string trace;
  explicit Traveller(std::uint32_t instance) : instance_{instance} { all.push_back(this); }

  std::expected<void, abi::Status> publish(vbus::Publication& keys) override {
    if (page_) {
      if (const auto renewed = page_.renew(); !renewed) return renewed;
    } else {
      auto page = guest::GrantedPage::allocate(abi::agency_domain, abi::GrantFlags::none);
      if (!page) return std::unexpected{page.error()};
      page_ = std::move(*page);
    }
    auto channel = guest::EventChannel::offer(abi::agency_domain, [](void*) {}, nullptr);
    if (!channel) return std::unexpected{channel.error()};
    channel_ = std::move(*channel);
    keys.add("ring-ref", page_.reference());
    keys.add("ring-evtchn", channel_.port());
    return {};
  }
  void suspend() override { trace += 's'; }
  void resume() override { trace += 'r'; }
  void connected() override { trace += 'c'; }
  void closed() override {
    channel_.close();
    page_.release();
  }
  bool use() {
    vbus::Gate::Session session{gate()};
    if (session.open()) trace += 'u';
    return session.open();
  }

 private:
  std::uint32_t instance_;
  guest::GrantedPage page_;
  guest::EventChannel channel_;
};

vbus::Frontend* create(std::uint32_t instance) { return new Traveller{instance}; }

}  // namespace

SO3_FRONTEND(vtravel, "vtravel", create);

namespace {

struct ArrivalTest : StoreWorld {
  const std::function<bool()> store_server = peers;
  ArrivalTest() {
    Traveller::all.clear();
    Traveller::trace.clear();
    have_backend();
    peers = [this] { return store_server() || backend(); };
  }
  ~ArrivalTest() override {
    bus.close();
    peers = store_server;
  }
  void have_backend() { EXPECT_TRUE(store->mkdir(abi::agency_domain, *agency::StorePath::parse("backend/vtravel"))); }
  std::string device(int instance, const std::string& key) {
    return value("device/" + std::to_string(at) + "/vtravel/" + std::to_string(instance) + '/' + key);
  }
  // As the agency: answers what each frontend says, as abi/vbus.hpp has it.
  bool backend() {
    bool moved = false;
    for (int i = 0; i < 2; ++i) {
      const auto own = "backend/vtravel/" + std::to_string(at) + '/' + std::to_string(i) + "/state";
      const auto said = value(own), frontend = device(i, "state");
      const auto say = [&](State state) {
        if (said == std::to_string(static_cast<int>(state))) return;
        agency_writes(own, std::to_string(static_cast<int>(state)));
        moved = true;
      };
      if (frontend == "3") say(State::connected);
      if (frontend == "5") say(State::closed);
      if (frontend == "10" && said == "<none>") say(State::reconfiguring);
      if (frontend == "8") say(after_reconfigured);
    }
    return moved;
  }
  State after_reconfigured = State::connected;
  void backend_says(State state) {
    for (const char* instance : {"0", "1"})
      agency_writes("backend/vtravel/" + std::to_string(at) + '/' + instance + "/state",
                    std::to_string(static_cast<int>(state)));
    settle();
  }
  void suspend() {
    backend_says(State::suspending);
    backend_says(State::suspended);
    client.suspend();
  }
  void move(std::uint32_t to) {
    const auto from = std::exchange(at, to);
    arrive(to);
    guest::arrive();
    next_port = abi::port_first_free;
    next_grant = 1;
    ASSERT_TRUE(client.renew(from, to));
  }
  std::uint32_t at = slot;
  std::vector<std::string_view> types{"vtravel", "vtravel"};
  vbus::Bus bus{slot};
};

TEST_F(ArrivalTest, M62_SeveralInstancesConnectAnew) {
  ASSERT_TRUE(bus.connect(types));
  EXPECT_EQ(device(1, "ring-evtchn"), "9");
  suspend();
  EXPECT_EQ(Traveller::trace, "ccss");
  move(5);
  have_backend();
  ASSERT_TRUE(bus.arrive(5));
  EXPECT_EQ(Traveller::trace, "ccsscc");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(device(i, "state"), "4");
    EXPECT_EQ(device(i, "backend"), "backend/vtravel/5/" + std::to_string(i));
    EXPECT_TRUE(Traveller::all[static_cast<std::size_t>(i)]->use());
  }
  // Made anew, with the numbers of this place, and none of the old ones ended here.
  EXPECT_EQ(std::stoi(device(0, "ring-evtchn")) + std::stoi(device(1, "ring-evtchn")), 8 + 9);
  EXPECT_EQ(std::stoi(device(0, "ring-ref")) + std::stoi(device(1, "ring-ref")), 1 + 2);
  EXPECT_EQ(avz.count(abi::Call::event_close) + avz.count(abi::Call::grant_end), 0u);
  EXPECT_FALSE(exists("device/2"));
}

TEST_F(ArrivalTest, M62_AgainAndAgain) {
  ASSERT_TRUE(bus.connect(types));
  for (std::uint32_t to = 3; to < 12; ++to) {
    suspend();
    move(to);
    have_backend();
    ASSERT_TRUE(bus.arrive(to));
    EXPECT_EQ(device(0, "state") + device(1, "state"), "44");
  }
}

TEST_F(ArrivalTest, M62_WhoWaitedForTheDeviceGoesOnAtTheNewPlace) {
  ASSERT_TRUE(bus.connect(types));
  suspend();
  bool used = false;
  start("user", [&] { used = Traveller::all[0]->use(); });
  settle();
  EXPECT_FALSE(used);
  move(5);
  have_backend();
  settle();
  EXPECT_FALSE(used);
  ASSERT_TRUE(bus.arrive(5));
  settle();
  EXPECT_TRUE(used);
}

TEST_F(ArrivalTest, M59_UsersHoldOffASuspendAndAreHeldOff) {
  ASSERT_TRUE(bus.connect(types));
  Traveller::trace.clear();
  auto& gate = Traveller::all[0]->gate();
  start("user", [&] {
    vbus::Gate::Session session{gate};
    settle();
    Traveller::trace += 'u';
  });
  thread_yield();
  backend_says(State::suspending);
  settle();
  settle();
  EXPECT_LT(Traveller::trace.find('u'), Traveller::trace.rfind('s'));
  EXPECT_EQ(device(0, "state"), "10");
  start("user", [] { Traveller::all[0]->use(); });
  settle();
  EXPECT_EQ(Traveller::trace.find('r'), std::string::npos);
  backend_says(State::suspended);
  backend_says(State::resuming);
  settle();
  EXPECT_LT(Traveller::trace.find('r'), Traveller::trace.rfind('u'));
  backend_says(State::connected);
}

// The existing system waits for ever.
TEST_F(ArrivalTest, MissingBackendAtTheNewPlaceIsAnErrorTheAgencySees) {
  ASSERT_TRUE(bus.connect(types));
  suspend();
  move(5);
  EXPECT_EQ(bus.arrive(5).error(), Fault::no_backend);
  EXPECT_NE((device(0, "error") + device(1, "error")).find("no such backend"), std::string::npos);
  EXPECT_NE(console().find("frontend vtravel/"), std::string::npos);
}

TEST_F(ArrivalTest, BackendThatRefusesTheNewcomer) {
  ASSERT_TRUE(bus.connect(types));
  suspend();
  move(5);
  have_backend();
  after_reconfigured = State::closed;
  EXPECT_EQ(bus.arrive(5).error(), Fault::refused);
}

TEST_F(ArrivalTest, BackendThatDoesNotAnswerTheNewcomer) {
  ASSERT_TRUE(bus.connect(types));
  suspend();
  move(5);
  have_backend();
  after_reconfigured = State::reconfiguring;
  EXPECT_EQ(bus.arrive(5).error(), Fault::timeout);
}

}  // namespace
