# The hypervisor's image: the machine side, linked with the objects. No C library.

# The registers of whoever was interrupted are live: no FP at all, and x18 is left alone so that a fast hypercall need
# not save it. Loops stay loops: memcpy and its like are written in assembly. Some of it runs before the MMU is on.
set(avz_options -O2 -mgeneral-regs-only -ffixed-x18 -mstrict-align -fno-tree-loop-distribute-patterns -fno-stack-protector -flto=auto)

add_executable(avz
  boot.S vectors.S context.S ${PROJECT_SOURCE_DIR}/so3/arch/arm64/memory.S
  console.cpp context.cpp cpus.cpp domcall.cpp domcall_short_way.cpp exits.cpp fatal.cpp fdt.cpp hypercall_table.cpp
  init.cpp interrupt_exit.cpp machine_calls.cpp machine_reader.cpp mmu.cpp offsets.cpp remote.cpp run_queue.cpp
  scheduler.cpp timers.cpp trace_exits.cpp trace_switch.cpp violation.cpp)
foreach(part avz avz_objects plat_gic)
  target_compile_options(${part} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:${avz_options}>)
endforeach()
target_link_libraries(avz PRIVATE avz_objects plat_gic so3_abi gcc)
if(TARGET so3_coverage)
  target_sources(avz PRIVATE coverage.cpp)
  foreach(part avz avz_objects plat_gic)
    target_link_libraries(${part} PRIVATE so3_coverage)
  endforeach()
endif()

set(avz_script ${PROJECT_SOURCE_DIR}/toolchain/link/avz.ld)
target_link_options(avz PRIVATE ${avz_options} -T ${avz_script} -Wl,--no-warn-rwx-segments)
set_target_properties(avz PROPERTIES SUFFIX .elf LINK_DEPENDS ${avz_script})
add_custom_command(TARGET avz POST_BUILD
  COMMAND ${CMAKE_OBJCOPY} -O binary $<TARGET_FILE:avz> ${CMAKE_CURRENT_BINARY_DIR}/avz.bin
  BYPRODUCTS ${CMAKE_CURRENT_BINARY_DIR}/avz.bin)
