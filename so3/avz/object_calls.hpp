// The handlers of the calls that are about domains and what they own (hypercall.hpp). Who may make which is in
// hypercall_table.cpp: the handlers rely on it.
#pragma once
#include <cstdint>

#include "so3/avz/hypercall.hpp"

namespace avz::calls {

// Fast.
Answer event_send(std::uint64_t id, std::uint64_t port, std::uint64_t, std::uint64_t, std::uint64_t);

// Slow. Every domain:
void event_alloc(Vcpu& caller, std::uint64_t (&x)[8]);
void event_bind(Vcpu& caller, std::uint64_t (&x)[8]);
void event_close(Vcpu& caller, std::uint64_t (&x)[8]);
void grant_access(Vcpu& caller, std::uint64_t (&x)[8]);
void grant_end(Vcpu& caller, std::uint64_t (&x)[8]);
void grant_map(Vcpu& caller, std::uint64_t (&x)[8]);
void grant_unmap(Vcpu& caller, std::uint64_t (&x)[8]);
void crash(Vcpu& caller, std::uint64_t (&x)[8]);
// MEs:
void set_state(Vcpu& caller, std::uint64_t (&x)[8]);
void identity(Vcpu& caller, std::uint64_t (&x)[8]);
void dc_event_done(Vcpu& caller, std::uint64_t (&x)[8]);
// The agency:
void domain_create(Vcpu& caller, std::uint64_t (&x)[8]);
void domain_load(Vcpu& caller, std::uint64_t (&x)[8]);
void domain_start(Vcpu& caller, std::uint64_t (&x)[8]);
void domain_destroy(Vcpu& caller, std::uint64_t (&x)[8]);
void domain_info(Vcpu& caller, std::uint64_t (&x)[8]);
void domain_set_state(Vcpu& caller, std::uint64_t (&x)[8]);
void domain_pause(Vcpu& caller, std::uint64_t (&x)[8]);
void domain_unpause(Vcpu& caller, std::uint64_t (&x)[8]);
void domain_next_change(Vcpu& caller, std::uint64_t (&x)[8]);
void dc_event_post(Vcpu& caller, std::uint64_t (&x)[8]);
void dc_event_result(Vcpu& caller, std::uint64_t (&x)[8]);
void irq_bind(Vcpu& caller, std::uint64_t (&x)[8]);
void irq_unmask(Vcpu& caller, std::uint64_t (&x)[8]);
void snapshot_prepare(Vcpu& caller, std::uint64_t (&x)[8]);
void snapshot_freeze(Vcpu& caller, std::uint64_t (&x)[8]);
void snapshot_context(Vcpu& caller, std::uint64_t (&x)[8]);
void snapshot_pages(Vcpu& caller, std::uint64_t (&x)[8]);
void snapshot_end(Vcpu& caller, std::uint64_t (&x)[8]);
void domain_restore(Vcpu& caller, std::uint64_t (&x)[8]);
void domain_identity(Vcpu& caller, std::uint64_t (&x)[8]);
void page_lend(Vcpu& caller, std::uint64_t (&x)[8]);
void page_return(Vcpu& caller, std::uint64_t (&x)[8]);
void place_set(Vcpu& caller, std::uint64_t (&x)[8]);
void machine_info(Vcpu& caller, std::uint64_t (&x)[8]);

}  // namespace avz::calls
