# me_add_capsule(NAME SOURCES file... DTS file... [RAMFS folder] [LIBRARIES target...])
#
# A mobile entity: SOURCES linked with libme and the runtime, and one capsule per .dts, named after it:
# refso3.dts makes refso3.itb. A .dts starts with #include <me.dtsi>. RAMFS gives the capsule of the .dts named last
# before it a folder of files, so that one ME can be two capsules:
#
#   me_add_capsule(refso3 SOURCES main.cpp DTS refso3.dts DTS refso3-ramfs.dts RAMFS files)
#
# Target NAME is the executable; target NAME-capsules makes the .itb files, and is in `all`. Their paths are in
# capsules.txt in the folder of the build.
include_guard(GLOBAL)
include(Image)
file(WRITE ${CMAKE_BINARY_DIR}/capsules.txt "")

function(me_add_capsule name)
  set(usage "me_add_capsule(NAME SOURCES file... DTS file... [RAMFS folder] [LIBRARIES target...])")
  set(mode "")
  set(sources "")
  set(libraries "")
  set(trees "")
  set(capsules "")
  set(last_dts "")
  foreach(word ${ARGN})
    if(word MATCHES "^(SOURCES|DTS|RAMFS|LIBRARIES)$")
      set(mode ${word})
    elseif(mode STREQUAL "SOURCES")
      list(APPEND sources ${word})
    elseif(mode STREQUAL "LIBRARIES")
      list(APPEND libraries ${word})
    elseif(mode STREQUAL "DTS")
      get_filename_component(last_dts ${word} ABSOLUTE)
      list(APPEND trees ${last_dts})
      set(ramfs_of_${last_dts} "")
    elseif(mode STREQUAL "RAMFS" AND last_dts)
      get_filename_component(ramfs_of_${last_dts} ${word} ABSOLUTE)
    else()
      message(FATAL_ERROR "${name}: what is \"${word}\"? ${usage}")
    endif()
  endforeach()
  if(NOT sources OR NOT trees)
    message(FATAL_ERROR "${name}: SOURCES and DTS are needed. ${usage}")
  endif()
  foreach(file ${sources} ${trees})
    get_filename_component(path ${file} ABSOLUTE)
    get_source_file_property(generated ${path} GENERATED)
    if(NOT generated AND NOT EXISTS ${path})
      message(FATAL_ERROR "${name}: there is no file ${file}")
    endif()
  endforeach()
  foreach(library ${libraries})
    if(library MATCHES "^frontend_" AND NOT TARGET ${library})
      message(FATAL_ERROR "${name}: there is no frontend \"${library}\" in LIBRARIES; the folder frontends of the SDK has one for each device")
    endif()
  endforeach()

  so3_add_image(${name} SOURCES ${sources} LIBRARIES me ${libraries}
                LINKER_SCRIPT ${SO3_TOOLCHAIN_DIR}/link/capsule.ld)
  set(CMAKE_CXX_STANDARD_LIBRARIES "${CMAKE_CXX_STANDARD_LIBRARIES}" PARENT_SCOPE)
  foreach(dts ${trees})
    _me_capsule_from(${dts} ${name} "${ramfs_of_${dts}}")
    get_filename_component(stem ${dts} NAME_WE)
    list(APPEND capsules ${CMAKE_CURRENT_BINARY_DIR}/${stem}.itb)
    file(APPEND ${CMAKE_BINARY_DIR}/capsules.txt "${CMAKE_CURRENT_BINARY_DIR}/${stem}.itb\n")
  endforeach()
  add_custom_target(${name}-capsules ALL DEPENDS ${capsules})
endfunction()

find_program(SO3_DTC dtc REQUIRED NO_CMAKE_FIND_ROOT_PATH)
find_program(SO3_MKIMAGE mkimage REQUIRED NO_CMAKE_FIND_ROOT_PATH)

function(_me_capsule_from dts image ramfs)
  get_filename_component(stem ${dts} NAME_WE)
  if(NOT stem MATCHES "^[A-Za-z0-9._-]+$")
    message(FATAL_ERROR "${dts}: the name of a capsule has letters, digits, '.', '_' and '-' only")
  endif()
  get_filename_component(folder ${dts} DIRECTORY)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${stem})
  set(dtc_flags -q -I dts -i ${folder})

  add_custom_command(OUTPUT ${out}.pre.dts
    COMMAND ${CMAKE_C_COMPILER} -E -x assembler-with-cpp -nostdinc -undef -D__DTS__ -I ${SO3_TOOLCHAIN_DIR}/dts
            -I ${folder} -MD -MF ${out}.dts.d -MQ ${out}.pre.dts ${dts} -o ${out}.pre.dts
    DEPENDS ${dts} DEPFILE ${out}.dts.d COMMENT "Reading ${stem}.dts" VERBATIM)
  add_custom_command(OUTPUT ${out}.dtb ${out}.annotated.dts
    COMMAND ${SO3_DTC} ${dtc_flags} -O dtb -o ${out}.dtb ${out}.pre.dts
    COMMAND ${SO3_DTC} ${dtc_flags} -O dts -T -T -o ${out}.annotated.dts ${out}.pre.dts
    DEPENDS ${out}.pre.dts COMMENT "Compiling ${stem}.dtb" VERBATIM)

  set(archive "")
  if(ramfs)
    set(archive ${out}.cpio)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS LIST_DIRECTORIES true ${ramfs}/*)
    add_custom_command(OUTPUT ${archive} COMMAND ${SO3_CAPSULE_TOOL} ramfs ${ramfs} ${archive}
      DEPENDS ${files} ${SO3_CAPSULE_TOOL} COMMENT "Packing ${ramfs}" VERBATIM)
  endif()

  # In the folder of its parts, under names without blanks: mkimage hands its arguments to a shell.
  set(bin ${CMAKE_CURRENT_BINARY_DIR}/${image}.bin)
  add_custom_command(OUTPUT ${out}.itb ${out}.its
    COMMAND ${SO3_CAPSULE_TOOL} its ${out}.its $<TARGET_FILE:${image}> ${bin} ${out}.dtb ${out}.annotated.dts ${archive}
    COMMAND ${CMAKE_COMMAND} -D MKIMAGE=${SO3_MKIMAGE} -D NAME=${stem} -P ${SO3_TOOLCHAIN_DIR}/RunMkimage.cmake
    COMMAND ${SO3_CAPSULE_TOOL} verify ${out}.itb
    WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}
    DEPENDS ${image} ${bin} ${out}.dtb ${out}.annotated.dts ${archive} ${SO3_CAPSULE_TOOL}
    COMMENT "Making ${stem}.itb" VERBATIM)
endfunction()
