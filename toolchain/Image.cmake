# so3_add_image(NAME SOURCES file... LIBRARIES target... LINKER_SCRIPT file)
#
# A bare-metal image: executable target NAME (NAME.elf, with the table of its own functions for backtraces) and
# NAME.bin beside it, the same as raw bytes.

include_guard(GLOBAL)

# The build-time tool, for the machine that builds: this build has the target's compiler.
if(NOT SO3_CAPSULE_TOOL)
  find_program(SO3_HOST_CXX NAMES c++ g++ REQUIRED NO_CMAKE_FIND_ROOT_PATH)
  set(SO3_CAPSULE_TOOL ${CMAKE_BINARY_DIR}/tools/capsule-tool)
  file(GLOB _sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tools/capsule/*.cpp ${CMAKE_SOURCE_DIR}/so3/image/*.cpp
       ${CMAKE_SOURCE_DIR}/engine/capsule/*.cpp)
  file(GLOB _headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tools/capsule/*.hpp ${CMAKE_SOURCE_DIR}/so3/image/*.hpp
       ${CMAKE_SOURCE_DIR}/engine/capsule/*.hpp ${CMAKE_SOURCE_DIR}/so3/abi/*.hpp
       ${CMAKE_SOURCE_DIR}/so3/kernel/symbols.hpp)
  add_custom_command(OUTPUT ${SO3_CAPSULE_TOOL}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/tools
    COMMAND ${SO3_HOST_CXX} -std=c++23 -O1 -I ${CMAKE_SOURCE_DIR} ${_sources} -lfdt -lcrypto -o ${SO3_CAPSULE_TOOL}
    DEPENDS ${_sources} ${_headers}
    COMMENT "Building the capsule tool for this machine" VERBATIM)
  add_custom_target(capsule-tool DEPENDS ${SO3_CAPSULE_TOOL})
endif()

set(SO3_TOOLCHAIN_DIR ${CMAKE_CURRENT_LIST_DIR})

function(so3_add_image name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LINKER_SCRIPT" "SOURCES;LIBRARIES")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES OR NOT arg_LINKER_SCRIPT)
    message(FATAL_ERROR "so3_add_image(NAME SOURCES file... LIBRARIES target... LINKER_SCRIPT file): called for ${name} without what it needs")
  endif()
  get_filename_component(script ${arg_LINKER_SCRIPT} ABSOLUTE)
  set(base ${CMAKE_CURRENT_BINARY_DIR}/${name})

  add_library(${name}-objects OBJECT ${arg_SOURCES})
  target_link_libraries(${name}-objects PUBLIC ${arg_LIBRARIES})

  # First link without names, second with those of the first.
  add_executable(${name}-unnamed ${SO3_TOOLCHAIN_DIR}/link/no_symbols.S)
  add_executable(${name} ${base}.symbols.S)
  foreach(executable ${name}-unnamed ${name})
    target_link_libraries(${executable} PRIVATE ${name}-objects)
    target_link_options(${executable} PRIVATE -T ${script} -Wl,-Map=${CMAKE_CURRENT_BINARY_DIR}/${executable}.map)
    set_target_properties(${executable} PROPERTIES SUFFIX .elf LINK_DEPENDS ${script} LINKER_LANGUAGE CXX)
  endforeach()
  add_custom_command(OUTPUT ${base}.symbols.S
    COMMAND ${SO3_CAPSULE_TOOL} symbols $<TARGET_FILE:${name}-unnamed> ${base}.symbols.S
    DEPENDS ${name}-unnamed capsule-tool ${SO3_CAPSULE_TOOL}
    COMMENT "Naming the functions of ${name}" VERBATIM)
  # The names must not have moved what they name.
  add_custom_command(TARGET ${name} POST_BUILD
    COMMAND ${SO3_CAPSULE_TOOL} symbols $<TARGET_FILE:${name}> ${base}.moved.S
    COMMAND ${CMAKE_COMMAND} -E compare_files ${base}.symbols.S ${base}.moved.S
    COMMAND ${CMAKE_OBJCOPY} -O binary $<TARGET_FILE:${name}> ${base}.bin
    BYPRODUCTS ${base}.bin VERBATIM)
  # Read when the folder's build files are written: after every library, the C library.
  set(CMAKE_CXX_STANDARD_LIBRARIES "${SO3_LIBC}" PARENT_SCOPE)
endfunction()
