// What is measured in the ME, by subject. Each reports its own rows.
#pragma once

namespace bench {

void measure_hypercalls();
void measure_threads();
void measure_locks();
void measure_heap();
void measure_store();

// In use from the start, so that they are in a snapshot; and written while there is one.
void touch_pages();
void measure_writes_to_pages();

// While the agency reads no log: nothing but the ME's own share is counted.
void measure_log();

// In a domcall: the agency stands still, so what is pending for it stays pending.
void measure_events_in_domcall();

// Signals to the agency, on which event_send_pending is measured.
unsigned agency_port();

// Values in the FP registers that a switch must keep.
inline void make_fp_live() {
  asm volatile("fmov d0, #1.0\n fmov d8, #2.0\n fmov d15, #3.0\n fmov d31, #4.0" ::: "v0", "v8", "v15", "v31");
}

}  // namespace bench
