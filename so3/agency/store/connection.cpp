#include "so3/agency/store/connection.hpp"

#include <cstring>
#include <span>
#include <utility>

#include "so3/agency/store/message.hpp"

namespace agency {
namespace {

std::span<std::uint8_t> bytes(void* data, std::size_t size) { return {static_cast<std::uint8_t*>(data), size}; }

}  // namespace

Connection::Connection(std::uint32_t slot, abi::vbstore::StorePage& page, Store& store, Doorbell& bell, Client& client)
    : Watcher{slot, abi::vbstore::watches_per_domain},
      store_{&store},
      bell_{&bell},
      client_{&client},
      requests_{page.requests},
      answers_{page.answers} {
  answers_.reset();
  abi::ByteRingWriter{page.requests}.reset();
}

auto Connection::serve() -> Turn {
  Turn turn{};
  for (int left = requests_per_turn; fault_ == nullptr;) {
    if (!flush(turn)) {
      if (answers_.prepare_wait(1)) break;
    } else if (auto event = take_event()) {
      append_event(*event, out_);
    } else if (!late_.empty()) {
      out_ = std::move(late_.front());
      late_.pop_front();
    } else if (left == 0) {
      turn.more = true;
      break;
    } else if (receive(turn)) {
      if (header_.type == static_cast<std::uint32_t>(abi::vbstore::Type::agency_ctl)) ask();
      else answer_request(*store_, *this, header_, payload_, out_);
      received_ = 0;
      --left;
    } else if (requests_.prepare_wait()) {
      break;
    }
    if (requests_.error() || answers_.error()) cut_off("a ring index beyond the ring");
  }
  return turn;
}

void Connection::ask() {
  Words words;
  if (payload_.size() != sizeof words) return append_answer(header_, abi::Status::bad_argument, {}, out_);
  std::memcpy(&words, payload_.data(), sizeof words);
  ++questions_;
  if (questions_ <= questions_max) return client_->asked(header_.id, words);
  words.words[0] = static_cast<std::uint64_t>(abi::Status::busy);
  answer(header_.id, words);
}

void Connection::answer(std::uint32_t id, const Words& words) {
  --questions_;
  if (fault_ != nullptr) return;
  const abi::vbstore::Header request{static_cast<std::uint32_t>(abi::vbstore::Type::agency_ctl), id, 0, 0};
  append_answer(request, abi::Status::ok, {reinterpret_cast<const char*>(&words), sizeof words}, late_.emplace_back());
  bell_->ring();
}

// True: nothing is left to send.
bool Connection::flush(Turn& turn) {
  if (out_.empty()) return true;
  sent_ += answers_.write(bytes(out_.data() + sent_, out_.size() - sent_));
  turn.signal |= answers_.publish();
  if (sent_ < out_.size()) return false;
  out_.clear();
  sent_ = 0;
  return true;
}

// True: header_ and payload_ are a complete request.
bool Connection::receive(Turn& turn) {
  constexpr std::size_t head = sizeof header_;
  bool complete = false;
  if (received_ < head) {
    received_ += requests_.read(bytes(reinterpret_cast<std::uint8_t*>(&header_) + received_, head - received_));
    if (received_ == head) {
      if (header_.length > abi::vbstore::payload_max) {
        cut_off("a message longer than the protocol allows");
        return false;
      }
      payload_.resize(header_.length);
    }
  }
  if (received_ >= head) {
    const auto have = received_ - head;
    received_ += requests_.read(bytes(payload_.data() + have, payload_.size() - have));
    complete = received_ == head + payload_.size();
  }
  turn.signal |= requests_.release();
  return complete;
}

void Connection::cut_off(const char* why) {
  fault_ = why;
  store_->forget(*this);
  payload_ = {};
  out_ = {};
  late_ = {};
}

}  // namespace agency
