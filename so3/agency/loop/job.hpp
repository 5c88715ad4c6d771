// A long computation that the loop does not wait for: done in another thread, awaited by a sequence.
#pragma once
#include <coroutine>

#include "so3/agency/loop/doorbell.hpp"

namespace agency {

class Job : private Doorbell {
 public:
  // Calls the job's run() some time, in another thread. Any number of jobs, one after the other.
  using Runner = void (*)(Job& job);

  Job(Doorbells& bells, Runner runner) : Doorbell{bells}, runner_{runner} {}
  void run() {
    work();
    ring();  // from here on it may be gone
  }

  // co_await job: goes on in the loop when the work is done. Once.
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    runner_(*this);
  }
  void await_resume() const {}

  Job* next = nullptr;  // the runner's, while it has the job

 private:
  // Touches nothing that the loop uses.
  virtual void work() = 0;
  void answer() override { waiter_.resume(); }

  Runner runner_;
  std::coroutine_handle<> waiter_;
};

}  // namespace agency
