// Barriers, hints and interrupt masking.
#pragma once

namespace arch {

// Shareability and direction as Arm names them. `ish` = all CPUs of this machine.
inline void dmb_ish() { asm volatile("dmb ish" : : : "memory"); }
inline void dsb_ish() { asm volatile("dsb ish" : : : "memory"); }
inline void dsb_ishst() { asm volatile("dsb ishst" : : : "memory"); }
inline void dsb_nsh() { asm volatile("dsb nsh" : : : "memory"); }
inline void dsb_sy() { asm volatile("dsb sy" : : : "memory"); }
inline void isb() { asm volatile("isb" : : : "memory"); }

// In every loop that waits for another CPU: lets a machine with fewer real CPUs give the other one its turn.
inline void yield() { asm volatile("yield" : : : "memory"); }
inline void wfi() { asm volatile("wfi" : : : "memory"); }

}  // namespace arch
