// This domain's connection to the store.
#pragma once
#include "so3/guest/hypercall.hpp"
#include "so3/guest/store/client.hpp"

namespace guest {

// Connects to the store page and starts the threads that serve it. Once.
[[nodiscard]] hypercall::Result<void> start_store();

// nullptr until start_store(), and in what is not an ME.
StoreClient* store();

// For tests: another client in its place, or none.
void set_store(StoreClient* client);

}  // namespace guest
