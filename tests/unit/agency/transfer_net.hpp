// Several smart objects on the host, each an agency on a fake avz of its own, joined by a channel that a test may break
// at any message.
#pragma once
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agency_fixture.hpp"
#include "so3/abi/version.hpp"
#include "so3/agency/transfer/message.hpp"

namespace agency {

inline constexpr std::uint64_t no_instance = 0;

// One smart object and its engine.
class SmartObject {
 public:
  SmartObject(std::uint64_t agency_uid, std::uint64_t boot) : uid{agency_uid}, boot_id{boot} {
    avz.on_domcall = [this](std::uint32_t slot, abi::Domcall which, const hypercall::Payload&) {
      hypercall::DomcallOutcome outcome{};
      if (which == abi::Domcall::pre_propagate) outcome.payload[1] = willing.contains(slot) ? 1 : 0;
      return outcome;
    };
    avz.first_port(static_cast<std::uint32_t>(abi::port_first_free + (next_ports_++ % 60) * 60));
    agency.link().open();
    abi::link::Hello hello{abi::version, 0, uid, {}, 0, {}, boot_id};
    hello.name[0] = static_cast<char>('A' + uid - 1);
    ask(abi::link::Type::hello, raw(hello));
  }

  // With this smart object's avz in force.
  template <typename F>
  auto here(F f) {
    auto* const before = std::exchange(hypercall::hypervisor, &avz);
    struct Back {
      hypercall::Hypervisor* to;
      ~Back() { hypercall::hypervisor = to; }
    } back{before};
    return f();
  }
  std::uint32_t ask(abi::link::Type type, std::string_view payload) {
    std::string bytes;
    append_frame(bytes, type, ++request_, payload);
    here([&] { agency.link().receive({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}); });
    return request_;
  }
  // An ME that lives here, with memory.
  std::uint32_t inject(std::size_t pages) {
    const auto itb = image_test::good_itb();
    std::memcpy(window.data(), itb.data(), itb.size());
    ask(abi::link::Type::inject, raw(abi::link::Inject{0, itb.size()}));
    for (int i = 0; i < 100; ++i) run();
    auto& d = avz.domains.at(abi::first_me_slot);
    EXPECT_EQ(d.state, abi::State::living);
    d.spid = 0x0010000000000001;
    d.now.pages.clear();
    for (std::size_t i = 0; i < pages; ++i)
      d.now.pages[abi::ram_ipa + i * abi::page_size].fill(static_cast<std::uint8_t>(i));
    d.now.shared.dtb_ipa = abi::ram_ipa;
    d.now.shared.dtb_size = 100;
    d.now.vcpu.counter_hz = 1;
    d.now.vcpu.pstate = 5;
    d.now.vcpu.pc = 0x1234;
    return abi::first_me_slot;
  }
  void run() {
    here([&] {
      agency.residents().follow_changes();
      agency.run();
    });
    take();
  }
  void take() {
    while (port.sent.size() >= sizeof(abi::link::Frame)) {
      abi::link::Frame f;
      std::memcpy(&f, port.sent.data(), sizeof f);
      Frame frame{static_cast<abi::link::Type>(f.type), f.id, port.sent.substr(sizeof f, f.length)};
      port.sent.erase(0, sizeof f + f.length);
      if (frame.type == abi::link::Type::peer) {
        outbox.emplace_back(frame.as<abi::link::Peer>().peer, frame.payload.substr(sizeof(abi::link::Peer)));
      } else if (frame.type == abi::link::Type::reply) {
        const auto r = frame.as<abi::link::Reply>();
        replies[f.id] = {static_cast<abi::Status>(r.status), r.value, frame.payload.substr(sizeof r)};
      }
    }
  }
  void abandon() {
    for (std::uint32_t peer = 1; peer < 5; ++peer) ask(abi::link::Type::peer_down, raw(abi::link::PeerDown{peer, 1}));
    here([&] { agency.link().closed(); });
    for (int i = 0; i < 10'000 && here([&] { return agency.run(); }); ++i) fake_time += 50 * ms;
  }
  // MEs of this instance that run here.
  int running(std::uint64_t instance) const {
    int n = 0;
    for (const auto& [slot, d] : avz.domains) n += d.instance == instance && d.state == abi::State::living;
    return n;
  }
  bool intact(std::uint64_t instance) const {
    for (const auto& [slot, d] : avz.domains)
      if (d.instance == instance && (d.state == abi::State::living || d.state == abi::State::suspended)) return true;
    return false;
  }

  struct Reply {
    abi::Status status;
    std::uint64_t value;
    std::string text;
  };
  std::uint64_t uid, boot_id;
  std::set<std::uint32_t> willing;  // slots whose cb_pre_propagate says YES
  std::vector<std::byte> window = std::vector<std::byte>(1 << 20);
  GrantPages grant_pages;
  FakeAvz avz;
  FakePort port;
  Doorbells bells{[] {}};
  std::optional<Agency> owner{std::in_place,
                              Environment{.clock = [] { return fake_time; },
                                          .console = [](std::string_view line) { console_text += line; },
                                          .grant_window = grant_pages.at(),
                                          .window = window,
                                          .sha256 = sha256,
                                          .file_room = [] { return SIZE_MAX; },
                                          .aside = [](Job& job) { job.run(); },
                                          .cpus = 4,
                                          .gic_version = 3,
                                          .store_bytes_max = 1 << 20},
                              bells, port};
  Agency& agency = *owner;
  std::deque<std::pair<std::uint32_t, std::string>> outbox;
  std::map<std::uint32_t, Reply> replies;

 private:
  static inline std::uint32_t next_ports_ = 0;
  std::uint32_t request_ = 0;
};

enum class Fault { none, drop, twice, late, corrupt_head, corrupt_body, cut, kill_sender, kill_receiver };

class Net : public ::testing::Test {
 public:
  Net() { fake_time = 0; }
  ~Net() override {
    // What waits, ends: nobody is left to wait for.
    for (const auto& soo : all_) soo->abandon();
    // The last one installed has to be the first one removed.
    while (!all_.empty()) all_.pop_back();
  }

  // Smart object number i, from 0; its peers know it as i + 1.
  SmartObject& at(std::size_t i) { return *now_[i]; }
  void add() {
    all_.push_back(std::make_unique<SmartObject>(now_.size() + 1, next_boot_++));
    now_.push_back(all_.back().get());
    linked_.push_back({});
  }
  void link(std::size_t a, std::size_t b) {
    linked_[a].insert(b), linked_[b].insert(a);
    up(a, b), up(b, a);
  }
  // What befalls the message with this number.
  void break_at(Fault fault, int message) { fault_ = fault, fault_at_ = message; }
  int messages() const { return sent_; }

  std::function<void()> check = [] {};
  // Until nothing happens any more, and for so long after that.
  void pass(std::uint64_t ns) {
    for (const auto end = fake_time + ns; fake_time < end;) {
      for (bool busy = true; busy;) busy = step();
      fake_time += 50 * ms;
    }
    for (bool busy = true; busy;) busy = step();
  }
  std::optional<SmartObject::Reply> reply(std::size_t i, std::uint32_t id) {
    const auto found = at(i).replies.find(id);
    if (found == at(i).replies.end()) return std::nullopt;
    return found->second;
  }
  // Nothing is left behind: all that is here lives, no snapshot is kept, and the store knows nobody else.
  void expect_tidy(std::size_t i) {
    auto& soo = at(i);
    for (const auto& [slot, d] : soo.avz.domains) {
      EXPECT_EQ(d.state, abi::State::living) << "slot " << slot << " of " << i;
      EXPECT_FALSE(d.snapshot) << "slot " << slot << " of " << i;
      const auto me = soo.agency.residents().find(slot);
      ASSERT_TRUE(me);
      EXPECT_FALSE(me->driven);
    }
    EXPECT_EQ(soo.agency.residents().all().size(), soo.avz.domains.size());
    for (std::uint32_t slot = 2; slot < 8; ++slot)
      if (!soo.avz.domains.contains(slot)) {
        EXPECT_FALSE(soo.agency.store().exists(*StorePath::parse("soo/me/" + std::to_string(slot)))) << slot;
      }
  }
  bool dead_sender = false, dead_receiver = false;  // the fault killed one
  std::function<void()> before_kill = [] {};

 private:
  struct Parcel {
    std::size_t from, to;
    std::string message;
  };

  void up(std::size_t at_whom, std::size_t who) {
    abi::link::PeerUp p{static_cast<std::uint32_t>(who + 1), 0, at(who).uid, at(who).boot_id, {}};
    p.name[0] = static_cast<char>('A' + who);
    at(at_whom).ask(abi::link::Type::peer_up, raw(p));
  }
  void down(std::size_t at_whom, std::size_t who, bool dead) {
    at(at_whom).ask(abi::link::Type::peer_down, raw(abi::link::PeerDown{static_cast<std::uint32_t>(who + 1), dead}));
  }

  bool step() {
    bool busy = false;
    for (std::size_t i = 0; i < now_.size(); ++i) {
      at(i).run();
      for (auto& [to, message] : std::exchange(at(i).outbox, {})) {
        busy = true;
        post({i, to - 1, std::move(message)});
      }
    }
    if (back_at_ != 0 && fake_time >= back_at_) reconnect();
    if (!parcels_.empty()) {
      const auto p = std::move(parcels_.front());
      parcels_.pop_front();
      at(p.to).ask(abi::link::Type::peer,
                   std::string{raw(abi::link::Peer{static_cast<std::uint32_t>(p.from + 1), 0})} + p.message);
      busy = true;
    }
    check();
    for (std::size_t i = 0; i < now_.size(); ++i) {
      const auto next = at(i).here([&] { return at(i).agency.run(); });
      busy |= next && *next <= fake_time;
    }
    return busy || !parcels_.empty();
  }

  void post(Parcel p) {
    if (broken_ == std::pair{p.from, p.to} || broken_ == std::pair{p.to, p.from}) return;
    if (sent_++ != fault_at_) return parcels_.push_back(std::move(p));
    switch (fault_) {
      case Fault::none: break;
      case Fault::drop: return;
      case Fault::twice: parcels_.push_back(p); break;
      case Fault::late: late_.push_back(std::move(p)); return cut(late_.back(), false, false);
      case Fault::corrupt_head: p.message[0] = 0x55; break;
      case Fault::corrupt_body: p.message.back() = static_cast<char>(p.message.back() ^ 0x40); break;
      case Fault::cut: return cut(p, false, false);
      // It is the one whose ME it is that dies, whoever of the two spoke.
      case Fault::kill_sender: return cut(p, true, false);
      case Fault::kill_receiver: return cut(p, false, true);
    }
    parcels_.push_back(std::move(p));
  }

  void cut(const Parcel& p, bool kill_a, bool kill_b) {
    const auto a = std::min(p.from, p.to), b = std::max(p.from, p.to);
    std::erase_if(parcels_,
                  [&](const Parcel& q) { return std::min(q.from, q.to) == a && std::max(q.from, q.to) == b; });
    broken_ = {a, b};
    back_at_ = fake_time + 2'000 * ms;
    if (kill_a || kill_b) {
      before_kill();
      const auto dead = kill_a ? a : b;
      dead_sender = kill_a, dead_receiver = kill_b;
      std::erase_if(parcels_, [&](const Parcel& q) { return q.from == dead || q.to == dead; });
      for (const auto other : linked_[dead]) down(other, dead, true);
      all_.push_back(std::make_unique<SmartObject>(at(dead).uid, next_boot_++));
      now_[dead] = all_.back().get();
      killed_ = dead;
      return;
    }
    down(a, b, false), down(b, a, false);
  }

  void reconnect() {
    back_at_ = 0;
    const auto [a, b] = *std::exchange(broken_, std::nullopt);
    if (killed_) {
      for (const auto other : linked_[*killed_]) up(other, *killed_), up(*killed_, other);
    } else {
      up(a, b), up(b, a);
    }
    for (auto& p : std::exchange(late_, {})) parcels_.push_back(std::move(p));
  }

  std::vector<std::unique_ptr<SmartObject>> all_;  // the dead, too
  std::vector<SmartObject*> now_;
  std::vector<std::set<std::size_t>> linked_;
  std::uint64_t next_boot_ = 1000;
  std::deque<Parcel> parcels_;
  std::vector<Parcel> late_;
  std::optional<std::pair<std::size_t, std::size_t>> broken_;
  std::optional<std::size_t> killed_;
  std::uint64_t back_at_ = 0;
  Fault fault_ = Fault::none;
  int fault_at_ = -1, sent_ = 0;
};

}  // namespace agency
