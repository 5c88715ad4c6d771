// Symbols of capsule.ld: where the parts of the image lie.
#pragma once
#include <cstddef>
#include <cstdint>

extern "C" {
extern std::byte so3_image_start[], so3_text_end[];
extern std::byte so3_rodata_start[], so3_rodata_end[];
extern std::byte so3_data_start[], so3_memory_end[];
extern std::byte so3_interrupt_guard[], so3_interrupt_stack_top[];
extern std::byte so3_boot_guard[], so3_boot_stack_top[];
extern std::byte so3_domcall_guard[], so3_domcall_stack_top[];
extern std::byte so3_boot_tls[], so3_domcall_tls[];
extern const std::byte so3_tls_image[], so3_tls_image_end[], so3_tls_end[];
}
