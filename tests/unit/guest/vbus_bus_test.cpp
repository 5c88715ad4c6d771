// Frontends and a backend that a test plays (design decision 9; M59, M37).
#include "so3/guest/vbus/bus.hpp"

#include <string>
#include <vector>

#include "tests/unit/guest/world.hpp"

namespace {

std::vector<std::string> trace;
bool refuse_publish = false;

class TestFrontend final : public vbus::Frontend {
 public:
  explicit TestFrontend(std::uint32_t instance) : name_{std::to_string(instance)} {}
  std::expected<void, abi::Status> publish(vbus::Publication& keys) override {
    trace.push_back(name_ + " publish");
    if (refuse_publish) return std::unexpected{abi::Status::no_memory};
    keys.add("ring-ref", 7);
    return {};
  }
  void connected() override { trace.push_back(name_ + " connected"); }
  void suspend() override { trace.push_back(name_ + " suspend"); }
  void resume() override { trace.push_back(name_ + " resume"); }
  void closed() override { trace.push_back(name_ + " closed"); }

 private:
  std::string name_;
};

vbus::Frontend* create(std::uint32_t instance) { return new TestFrontend{instance}; }

}  // namespace

SO3_FRONTEND(vtest, "vtest", create);
SO3_FRONTEND(vlost, "vlost", create);

namespace {

using abi::vbus::State;
using vbus::Fault;
using Trace = std::vector<std::string>;

struct BusTest : StoreWorld {
  const std::function<bool()> store_server = peers;
  BusTest() {
    trace.clear();
    refuse_publish = false;
    peers = [this] { return store_server() || backend(); };
  }
  ~BusTest() override { peers = store_server; }
  // As the backend of every instance: answers Initialised with `welcome` and Closing with Closed.
  bool backend() {
    bool moved = false;
    for (const char* instance : {"0", "1"}) {
      const auto own = std::string{"backend/vtest/2/"} + instance + "/state";
      const auto frontend = value(std::string{"device/2/vtest/"} + instance + "/state");
      const auto said = value(own);
      const auto say = [&](State state) {
        const auto text = std::to_string(static_cast<int>(state));
        if (said == text) return;
        agency_writes(own, text);
        moved = true;
      };
      if (frontend == "3") say(welcome);
      if (frontend == "5") say(State::closed);
    }
    return moved;
  }
  State welcome = State::connected;
  void backend_says(State state) {
    agency_writes("backend/vtest/2/0/state", std::to_string(static_cast<int>(state)));
    settle();
  }
  std::string frontend_state() { return value("device/2/vtest/0/state"); }
  std::vector<std::string_view> one{"vtest"};
  vbus::Bus bus{slot};
};

TEST_F(BusTest, ConnectsAndCloses) {
  ASSERT_TRUE(bus.connect(one));
  EXPECT_EQ(trace, (Trace{"0 publish", "0 connected"}));
  EXPECT_EQ(frontend_state(), "4");
  EXPECT_EQ(value("device/2/vtest/0/ring-ref"), "7");
  EXPECT_EQ(value("device/2/vtest/0/backend"), "backend/vtest/2/0");
  EXPECT_EQ(value("backend/vtest/2/0/frontend"), "device/2/vtest/0");
  EXPECT_EQ(value("backend/vtest/2/0/frontend-id"), "2");
  trace.clear();
  bus.close();
  EXPECT_EQ(trace, (Trace{"0 suspend", "0 closed"}));
  EXPECT_FALSE(exists("device/2/vtest/0"));
  EXPECT_FALSE(exists("backend/vtest/2/0"));
}

TEST_F(BusTest, SeveralInstancesOfOneType) {
  const std::vector<std::string_view> two{"vtest", "vtest"};
  ASSERT_TRUE(bus.connect(two));
  EXPECT_EQ(value("device/2/vtest/1/state"), "4");
  bus.close();
  EXPECT_FALSE(exists("device/2/vtest/1"));
}

TEST_F(BusTest, SuspendsAndResumesInPlace) {
  ASSERT_TRUE(bus.connect(one));
  trace.clear();
  backend_says(State::suspending);
  EXPECT_EQ(frontend_state(), "10");
  backend_says(State::suspended);
  backend_says(State::resuming);
  EXPECT_EQ(frontend_state(), "4");
  backend_says(State::connected);
  EXPECT_EQ(trace, (Trace{"0 suspend", "0 resume"}));
  bus.close();
}

TEST_F(BusTest, RenewsAfterArrival) {
  ASSERT_TRUE(bus.connect(one));
  backend_says(State::suspending);
  backend_says(State::suspended);
  trace.clear();
  backend_says(State::reconfiguring);
  EXPECT_EQ(frontend_state(), "8");
  backend_says(State::connected);
  EXPECT_EQ(frontend_state(), "4");
  EXPECT_EQ(trace, (Trace{"0 publish", "0 connected"}));
  bus.close();
}

// The existing system panics, or waits for ever.
TEST_F(BusTest, MissingBackendIsANamedError) {
  const std::vector<std::string_view> lost{"vlost"};
  EXPECT_EQ(bus.connect(lost).error(), Fault::no_backend);
  EXPECT_NE(console().find("frontend vlost/0: this smart object has no such backend"), std::string::npos);
  EXPECT_NE(value("device/2/vlost/0/error").find("no such backend"), std::string::npos);
  bus.close();
}

TEST_F(BusTest, MissingDriverIsANamedError) {
  const std::vector<std::string_view> lost{"vnone"};
  EXPECT_EQ(bus.connect(lost).error(), Fault::no_driver);
  EXPECT_NE(console().find("frontend vnone/0: no driver"), std::string::npos);
  bus.close();
}

TEST_F(BusTest, BackendThatRefuses) {
  welcome = State::closed;
  EXPECT_EQ(bus.connect(one).error(), Fault::refused);
  EXPECT_EQ(trace, (Trace{"0 publish", "0 closed"}));
  bus.close();
  EXPECT_FALSE(exists("device/2/vtest/0/state"));
}

TEST_F(BusTest, BackendThatDoesNotAnswer) {
  welcome = State::init_wait;
  EXPECT_EQ(bus.connect(one).error(), Fault::timeout);
  bus.close();
  EXPECT_EQ(trace, (Trace{"0 publish", "0 suspend", "0 closed"}));
}

TEST_F(BusTest, FrontendWithoutResources) {
  refuse_publish = true;
  EXPECT_EQ(bus.connect(one).error(), Fault::no_resources);
  bus.close();
}

TEST_F(BusTest, NonsenseFromTheBackendIsLoggedAndIgnored) {
  ASSERT_TRUE(bus.connect(one));
  backend_says(State::initialised);
  EXPECT_EQ(frontend_state(), "4");
  EXPECT_NE(console().find("makes no sense"), std::string::npos);
  agency_writes("backend/vtest/2/0/state", "a lot");
  settle();
  EXPECT_EQ(frontend_state(), "4");
  bus.close();
}

}  // namespace
