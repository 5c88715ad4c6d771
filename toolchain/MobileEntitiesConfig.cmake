# find_package(MobileEntities): the SDK as its build tree has it, for a folder of an author. Finds libme, the frontends
# and me_add_capsule(). The same line does nothing inside the SDK's own build, so that a template is one there too.
#
#   cmake -G Ninja -B build --toolchain <SDK>/toolchain/aarch64-baremetal.cmake
include_guard(GLOBAL)

if(NOT TARGET me)
  set(MobileEntities_BUILD ${CMAKE_CURRENT_LIST_DIR}/../build/target CACHE PATH "The build of the SDK to link with")
  if(NOT EXISTS ${MobileEntities_BUILD}/MobileEntitiesTargets.cmake)
    cmake_path(SET _sdk NORMALIZE ${CMAKE_CURRENT_LIST_DIR}/..)
    message(FATAL_ERROR "The SDK is not built: ${_sdk}me build does it.")
  endif()
  # As the SDK itself is built, unless the author says otherwise.
  if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo)
  endif()
  if(NOT CMAKE_CXX_STANDARD)
    set(CMAKE_CXX_STANDARD 23)
    set(CMAKE_CXX_EXTENSIONS OFF)
  endif()
  enable_language(ASM)
  include(${MobileEntities_BUILD}/MobileEntitiesTargets.cmake)
  include(${CMAKE_CURRENT_LIST_DIR}/ThirdParty.cmake)
  set(SO3_CAPSULE_TOOL ${MobileEntities_BUILD}/tools/capsule-tool)
  add_custom_target(capsule-tool)  # built with the SDK
  list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})
endif()
include(Capsule)
