// Where assembly finds things. offsets.cpp keeps these true.
#pragma once

#define VCPU_X30_PC 240
#define VCPU_PSTATE 256
#define VCPU_EL1 272

#define CPU_CURRENT 0
#define CPU_CALLS 8
#define CPU_ZEROS 16
#define CPU_BYTES 256 /* at the top of its stack */

#define STACK_BYTES 12288 /* of which the first page is a guard */
#define MAX_CPUS 8

#define HCR_VI 0x80
#define PSTATE_EL1H_MASKED 0x3c5
#define HYPERCALL_BASE 0xc6000000
#define HYPERCALL_COUNT 61
#define HYPERCALL_WAIT 3
