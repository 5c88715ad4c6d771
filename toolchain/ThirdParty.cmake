# Targets `fdt`, `bearssl`, `tinyxml2` and `xxhash` (all of it in its header), under the same names in both builds: on the target what
# third_party/setup fetched, on the host the distribution's packages.
if(CMAKE_SYSTEM_NAME STREQUAL "Generic")
  set(SO3_THIRD_PARTY ${CMAKE_CURRENT_LIST_DIR}/../build/third_party CACHE PATH "What toolchain/third_party/setup made")
  if(NOT EXISTS ${SO3_THIRD_PARTY}/stamp)
    message(FATAL_ERROR "Not found: ${SO3_THIRD_PARTY}. Run toolchain/third_party/setup, or ./me build, which does.")
  endif()
  set(_sysroot ${SO3_THIRD_PARTY}/sysroot/usr)

  foreach(_lib fdt bearssl)
    add_library(${_lib} STATIC IMPORTED GLOBAL)
    set_target_properties(${_lib} PROPERTIES
      IMPORTED_LOCATION ${_sysroot}/lib/aarch64-linux-gnu/lib${_lib}.a
      INTERFACE_INCLUDE_DIRECTORIES ${_sysroot}/include)
  endforeach()

  add_library(xxhash INTERFACE IMPORTED GLOBAL)
  set_target_properties(xxhash PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${_sysroot}/include)

  # For size always: at -O3 it is three times as large.
  if(NOT TARGET tinyxml2)  # an author's folder has it from the SDK's build
    add_library(tinyxml2 STATIC ${SO3_THIRD_PARTY}/src/tinyxml2/tinyxml2.cpp)
    target_include_directories(tinyxml2 SYSTEM PUBLIC ${SO3_THIRD_PARTY}/src/tinyxml2)
    target_compile_options(tinyxml2 PRIVATE -w -Os)
  endif()
else()
  function(_third_party name header package)
    find_library(${name}_LIBRARY ${name})
    find_path(${name}_INCLUDE_DIR ${header})
    if(NOT ${name}_LIBRARY OR NOT ${name}_INCLUDE_DIR)
      message(FATAL_ERROR "Not found: lib${name} with ${header}. Install ${package}, or run ./me build, which does.")
    endif()
    add_library(${name} UNKNOWN IMPORTED GLOBAL)
    set_target_properties(${name} PROPERTIES
      IMPORTED_LOCATION ${${name}_LIBRARY}
      INTERFACE_INCLUDE_DIRECTORIES ${${name}_INCLUDE_DIR})
  endfunction()
  _third_party(fdt libfdt.h libfdt-dev)
  _third_party(bearssl bearssl.h libbearssl-dev)
  _third_party(tinyxml2 tinyxml2.h libtinyxml2-dev)
  find_path(xxhash_INCLUDE_DIR xxhash.h)
  if(NOT xxhash_INCLUDE_DIR)
    message(FATAL_ERROR "Not found: xxhash.h. Install libxxhash-dev, or run ./me build, which does.")
  endif()
  add_library(xxhash INTERFACE IMPORTED GLOBAL)
  set_target_properties(xxhash PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${xxhash_INCLUDE_DIR})
endif()
