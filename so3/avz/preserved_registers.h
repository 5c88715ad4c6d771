// clang-format off
// Assembly: x18 to x29 in their places in a Vcpu. The fast calls leave them alone; only a change of vCPU moves them.
.macro preserved_registers op, vcpu
    \op  x18, x19, [\vcpu, #144]
    \op  x20, x21, [\vcpu, #160]
    \op  x22, x23, [\vcpu, #176]
    \op  x24, x25, [\vcpu, #192]
    \op  x26, x27, [\vcpu, #208]
    \op  x28, x29, [\vcpu, #224]
.endm
