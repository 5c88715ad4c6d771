// Which vCPU's state is in the registers that avz itself does not use.
#pragma once
#include "so3/avz/cpu.hpp"

extern "C" {  // context.S
void save_el1(avz::El1Context*);
void load_el1(const avz::El1Context*);
void save_regime(avz::El1Context*);
void load_regime(const avz::El1Context*);
void save_fp(avz::FpContext*);
void load_fp(const avz::FpContext*);
}

namespace avz {

// The vCPU's EL1 and FP state into the CPU, that of the one before it out. Nothing when it is there already.
void load(Cpu& self, Vcpu& vcpu);
// It will never run again: its state is not kept, and no translation of its domain is used here any more.
void unload(Cpu& self, Vcpu& vcpu);
// Stage 2 and virtual identity, which load() does not concern when a domcall changes only these.
void enter_address_space(const Vcpu& vcpu);
// Registers of this CPU that are the same for all domains.
void init_virtualization();

// The virtual interrupt of whoever is entered next.
void raise_virtual_interrupt();
void clear_virtual_interrupt();

}  // namespace avz
