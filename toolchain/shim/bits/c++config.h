// libstdc++'s configuration as Debian built it for Linux, less what a bare-metal target does not have.
#pragma GCC system_header
#include_next <bits/c++config.h>
#undef _GLIBCXX_HAVE_LINUX_FUTEX
#undef _GLIBCXX_HAVE_TIMESPEC_GET
#undef _GLIBCXX_HAVE_TLS
#undef _GLIBCXX_HAS_GTHREADS
#undef _GLIBCXX_USE_CLOCK_MONOTONIC
#undef _GLIBCXX_USE_CLOCK_REALTIME
#undef _GLIBCXX_USE_GET_NPROCS
#undef _GLIBCXX_USE_NANOSLEEP
#undef _GLIBCXX_USE_PTHREAD_MUTEX_CLOCKLOCK
#undef _GLIBCXX_USE_PTHREAD_RWLOCK_T
#undef _GLIBCXX_USE_SCHED_YIELD
// Members of std::string are compiled where they are used: those in the library of GCC 14 bring exceptions with them.
#undef _GLIBCXX_EXTERN_TEMPLATE
#define _GLIBCXX_EXTERN_TEMPLATE -1
