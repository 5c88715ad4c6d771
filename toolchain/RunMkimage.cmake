# NAME.its to NAME.itb in the current folder, the same bytes every time; silent unless it fails.
set(ENV{SOURCE_DATE_EPOCH} 0)
execute_process(COMMAND ${MKIMAGE} -f ${NAME}.its ${NAME}.itb RESULT_VARIABLE result
                OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "mkimage could not make ${NAME}.itb:\n${output}")
endif()
