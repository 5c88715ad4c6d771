// From an interrupt handler to the loop: which event channels were signalled.
#pragma once
#include <atomic>

namespace agency {

class Doorbells;

// One event channel's. Pending at most once, however often it is rung.
class Doorbell {
 public:
  explicit Doorbell(Doorbells& all) : all_{&all} {}
  virtual ~Doorbell();
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  // Any context. As a guest::EventHandler: ring(this).
  void ring();
  static void ring(void* self) { static_cast<Doorbell*>(self)->ring(); }

  // In the loop, some time after it was rung.
  virtual void answer() = 0;

 private:
  friend class Doorbells;
  Doorbells* all_;
  std::atomic<bool> rung_ = false;
  Doorbell* next_ = nullptr;
};

class Doorbells {
 public:
  // `wake`: called from any context when there is something to answer.
  explicit Doorbells(void (*wake)()) : wake_{wake} {}

  bool any() const { return rung_.load(std::memory_order_acquire) != nullptr || taken_ != nullptr; }
  // Answers those rung up to now. An answer may destroy any doorbell.
  void answer();

 private:
  friend class Doorbell;
  void push(Doorbell& bell);
  void take();
  void forget(Doorbell& bell);

  void (*wake_)();
  std::atomic<Doorbell*> rung_ = nullptr;  // last first
  Doorbell* taken_ = nullptr;              // in the order they were rung
};

}  // namespace agency
