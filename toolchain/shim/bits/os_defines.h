// In place of libstdc++'s os_defines.h for Linux, which wants glibc's <features.h>.
#pragma once
#undef __NO_CTYPE
#define __NO_CTYPE 1
