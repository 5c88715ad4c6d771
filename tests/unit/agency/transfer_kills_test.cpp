// MEs that are killed on their way, and vCPUs that take their time.
#include "so3/agency/text.hpp"
#include "transfer_net.hpp"

namespace agency {
namespace {

using abi::State;
using abi::Status;
using abi::link::Type;

struct TransferKills : Net {
  void two() {
    add(), add();
    for (std::size_t i = 0; i < 2; ++i) at(i).ask(Type::period, raw(abi::link::Period{0, 0}));
    link(0, 1);
    slot = at(0).inject(40);
    for (int i = 0; i < 100; ++i)
      ASSERT_TRUE(at(0).agency.store().write(abi::agency_domain, *StorePath::parse(text("soo/me/%u/k%d", slot, i)),
                                             std::string(1'000, 'v')));
  }
  std::uint32_t migrate() { return at(0).ask(Type::migrate, raw(abi::link::Propagate{slot, 2})); }
  void kill(std::size_t i) { at(i).ask(Type::kill, raw(abi::link::Slot{2, 0})); }
  std::uint32_t slot = 0;
};

// `me kill` of the slot in which it arrives, after each message: nothing of it is there, and it lives where it was.
TEST_F(TransferKills, TheArrivingOneIsKilled) {
  for (int after = 0; after < 12; ++after) {
    SCOPED_TRACE(after);
    struct One : TransferKills {
      explicit One(int n) : left{n} {}
      void TestBody() override {
        two();
        check = [&] {
          if (!at(1).avz.domains.contains(2) || at(1).avz.domains.at(2).state != State::migrating) return;
          if (left-- == 0) kill(1);
        };
        const auto id = migrate();
        pass(5'000 * ms);
        EXPECT_TRUE(reply(0, id));
        EXPECT_EQ(at(0).avz.domains.size() + at(1).avz.domains.size(), 1u);
        expect_tidy(0), expect_tidy(1);
      }
      int left;
    } one{after};
    one.TestBody();
    if (HasFailure()) return;
  }
}

// Nobody is told that an ME lives on which does not.
TEST_F(TransferKills, TheLeavingOneIsKilled) {
  two();
  bool killed = false;
  check = [&] {
    if (killed || !at(0).avz.domains.contains(2) || at(0).avz.domains.at(2).state != State::suspended) return;
    killed = true;
    kill(0);
  };
  const auto id = migrate();
  pass(5'000 * ms);
  ASSERT_TRUE(killed);
  ASSERT_TRUE(reply(0, id));
  EXPECT_NE(reply(0, id)->status, Status::ok);
  EXPECT_EQ(reply(0, id)->text.find("lives on here"), std::string::npos) << reply(0, id)->text;
  EXPECT_NE(reply(0, id)->text.find("ME 2 (SOO.refso3) was destroyed on request"), std::string::npos)
      << reply(0, id)->text;
}

// avz decides within a second of being asked: the agency waits for longer.
TEST_F(TransferKills, AVcpuMayTakeItsSecondToStop) {
  two();
  at(0).avz.busy_freezes = 30;  // of 50 ms
  const auto id = migrate();
  pass(5'000 * ms);
  ASSERT_TRUE(reply(0, id));
  EXPECT_EQ(reply(0, id)->status, Status::ok) << reply(0, id)->text;
}

}  // namespace
}  // namespace agency
