// One request of the store's protocol (abi/vbstore.hpp), from bytes to bytes.
#pragma once
#include <string>
#include <string_view>

#include "so3/abi/vbstore.hpp"
#include "so3/agency/store/store.hpp"

namespace agency {

// Appends the answer, header and payload, to `out`. Whatever the bytes say, there is exactly one answer.
void answer_request(Store& store, Watcher& client, const abi::vbstore::Header& request, std::string_view payload,
                    std::string& out);

// Appends an answer to `request` with that status and payload.
void append_answer(const abi::vbstore::Header& request, abi::Status status, std::string_view payload, std::string& out);

// Appends a watch_event.
void append_event(const WatchEvent& event, std::string& out);

}  // namespace agency
