#include "engine/snapshot/saving.hpp"

namespace engine {

using Lock = std::unique_lock<std::mutex>;

Result<SavedSnapshot> Saving::run(std::chrono::milliseconds patience, const std::function<void()>& poke) {
  Lock lock(mutex_);
  write(lock, patience, poke);
  SavedSnapshot saved{name_, writer_->file_size(), writer_->stream_length()};
  writer_.reset();  // unless it is made, nothing stays behind
  lock.unlock();
  poke();
  lock.lock();
  const bool answered = changed_.wait_for(lock, patience, [&] { return answered_; });
  // The file decides: once it has its name it is complete and right, whatever became of the words about it.
  if (made_) return saved;
  if (trouble_) return std::unexpected(*trouble_);
  if (refused_) return std::unexpected(*refused_);
  if (!answered) return fail(Errc::timed_out, "the agency does not say what became of the snapshot", "me console");
  return std::unexpected(abandoned_.value_or(Error{Errc::failed, "the agency has sent no snapshot", {}}));
}

void Saving::write(Lock& lock, std::chrono::milliseconds patience, const std::function<void()>& poke) {
  while (!abandoned_) {
    const auto something = [&] { return abandoned_ || !pieces_.empty() || complete_ || answered_; };
    if (!changed_.wait_for(lock, patience, something)) {
      trouble_ = Error{Errc::timed_out, "nothing more came of the snapshot", "look at the console: me console"};
      return;
    }
    if (abandoned_) return;
    const bool last = pieces_.empty();
    if (last && !complete_) return;  // answered, and nothing came
    std::string piece;
    if (!last) {
      piece = std::move(pieces_.front());
      pieces_.pop_front();
    }
    lock.unlock();
    const auto written = last ? writer_->finish() : writer_->write(std::as_bytes(std::span(piece)));
    lock.lock();
    held_ -= piece.size();
    if (!written) trouble_ = written.error();
    else made_ = last;
    if (!written || last) return;
    lock.unlock();
    poke();
    lock.lock();
  }
}

void Saving::name(std::string_view of_the_me) {
  const std::lock_guard lock(mutex_);
  name_ = of_the_me;
}

void Saving::add(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::lock_guard lock(mutex_);
  pieces_.emplace_back(bytes);
  held_ += bytes.size();
  changed_.notify_all();
}

void Saving::complete() {
  const std::lock_guard lock(mutex_);
  complete_ = true;
  changed_.notify_all();
}

void Saving::abandon(Error why) {
  const std::lock_guard lock(mutex_);
  if (!abandoned_) abandoned_ = std::move(why);
  changed_.notify_all();
}

void Saving::answered(std::optional<Error> failure) {
  const std::lock_guard lock(mutex_);
  answered_ = true;
  refused_ = std::move(failure);
  changed_.notify_all();
}

std::size_t Saving::held() const {
  const std::lock_guard lock(mutex_);
  return held_;
}

bool Saving::made() const {
  const std::lock_guard lock(mutex_);
  return made_;
}

std::optional<Error> Saving::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

}  // namespace engine
