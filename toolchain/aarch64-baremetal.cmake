# Debian's gcc-aarch64-linux-gnu as a bare-metal compiler: picolibc as the C library, the compiler's own
# libstdc++ headers with their Linux configuration taken back by shim/. Versions are found, not named.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

find_program(CMAKE_C_COMPILER aarch64-linux-gnu-gcc REQUIRED)
find_program(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++ REQUIRED)
set(CMAKE_ASM_COMPILER ${CMAKE_C_COMPILER})

execute_process(COMMAND ${CMAKE_CXX_COMPILER} -dumpversion OUTPUT_VARIABLE _version OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=include OUTPUT_VARIABLE _gcc OUTPUT_STRIP_TRAILING_WHITESPACE)
set(_cxx /usr/aarch64-linux-gnu/include/c++/${_version})
set(_pico /usr/lib/picolibc/aarch64-linux-gnu)
set(_shim ${CMAKE_CURRENT_LIST_DIR}/shim)
foreach(_d ${_cxx} ${_pico}/include)
  if(NOT IS_DIRECTORY ${_d})
    message(FATAL_ERROR "Not found: ${_d}. Install g++-aarch64-linux-gnu and picolibc-aarch64-linux-gnu, or run ./me build, which does.")
  endif()
endforeach()

set(_common "-march=armv8-a -mno-outline-atomics -fno-pie -ftls-model=local-exec -ffunction-sections -fdata-sections \
-fno-asynchronous-unwind-tables -fno-unwind-tables -fno-omit-frame-pointer -falign-functions=4 -falign-jumps=4 -falign-loops=4 -U__linux__ -U__linux -Ulinux -U__unix__ -U__gnu_linux__")
set(CMAKE_C_FLAGS_INIT "${_common} -nostdinc -isystem ${_gcc} -isystem ${_pico}/include")
set(CMAKE_CXX_FLAGS_INIT "${_common} -fno-exceptions -fno-rtti -fno-threadsafe-statics -nostdinc -nostdinc++ \
-isystem \"${_shim}\" -isystem ${_cxx} -isystem ${_cxx}/aarch64-linux-gnu -isystem ${_cxx}/backward -isystem ${_gcc} -isystem ${_pico}/include")
set(CMAKE_ASM_FLAGS_INIT "-march=armv8-a")
# The workaround for erratum 843419 of Cortex-A53 by ADR: images are small enough, and a veneer would cost a page.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-nostdlib -static -no-pie -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,max-page-size=4096 \
-Wl,--fix-cortex-a53-843419=adr")
# After all objects. lib/release is picolibc built for speed; lib/ itself is the smallest, with byte-wise memcpy.
# avz links none of this: it has no C library.
set(SO3_LIBC "-L${_pico}/lib/release -lstdc++ -Wl,--start-group -lc -lgcc -Wl,--end-group")

# find_package(MobileEntities) of an author's folder.
set(MobileEntities_DIR ${CMAKE_CURRENT_LIST_DIR})

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
