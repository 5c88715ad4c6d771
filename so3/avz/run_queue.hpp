// The vCPUs of one CPU: those that belong to it, and those of them that want it, first come, first served.
// Logic only: who is told, and how, is the scheduler's. Everything with lock held, but members().
#pragma once
#include <atomic>
#include <cstdint>

#include "so3/avz/spinlock.hpp"
#include "so3/avz/vcpu.hpp"

namespace avz {

class RunQueue {
 public:
  SpinLock lock;

  // False: an exclusive vCPU is there, or would have to share.
  [[nodiscard]] bool add_member(Vcpu& vcpu, bool exclusive);
  void remove_member(Vcpu& vcpu);
  std::uint32_t members() const { return count_.load(std::memory_order_relaxed); }
  template <typename Visit>
  void for_each_member(Visit visit) {
    for (Vcpu* v = members_; v != nullptr; v = v->next_member) visit(*v);
  }

  // The next to run, now `running`; nullptr: nobody wants to.
  Vcpu* take();
  bool anyone_ready() const { return first_ != nullptr; }

  // off -> ready. What wakes or starts a vCPU answers whether it is in the queue now, so that its CPU must be told.
  [[nodiscard]] bool start(Vcpu& vcpu);
  // waiting -> ready.
  [[nodiscard]] bool wake(Vcpu& vcpu);
  // running -> ready, behind the others.
  void yield(Vcpu& vcpu);
  // running -> waiting.
  void wait(Vcpu& vcpu) { vcpu.run = Run::waiting; }
  // Not chosen until each hold is taken back. The vCPU must be at a safe point.
  void hold(Vcpu& vcpu);
  [[nodiscard]] bool unhold(Vcpu& vcpu);
  // Of a vCPU whose registers are in its Vcpu. True: one more hold. False: it is at no safe point, but asked to park,
  // and the next that its CPU takes, so that it can.
  [[nodiscard]] bool hold_or_ask(Vcpu& vcpu, std::uint64_t now);
  // running -> ready, with a hold of its own, if it was asked to.
  void park(Vcpu& vcpu);
  // That hold is the caller's from here on. False: it has none.
  [[nodiscard]] bool take_parked(Vcpu& vcpu);
  // It is asked no more, and a hold of its own is taken back.
  [[nodiscard]] bool withdraw(Vcpu& vcpu);
  // running -> stalled -> ready.
  void stall(Vcpu& vcpu) { vcpu.run = Run::stalled; }
  [[nodiscard]] bool unstall(Vcpu& vcpu);
  // dozing -> waiting; lent -> waiting and held.
  void end_doze(Vcpu& vcpu);
  // any -> off.
  void remove(Vcpu& vcpu);

 private:
  void push(Vcpu& vcpu);
  void push_first(Vcpu& vcpu);
  void unlink(Vcpu& vcpu);

  Vcpu* first_ = nullptr;
  Vcpu* last_ = nullptr;
  Vcpu* members_ = nullptr;
  std::atomic<std::uint32_t> count_{0};
  bool exclusive_ = false;
};

}  // namespace avz
