/*
 * Functions run once at start, in the boot thread, level by level and within a level in link order. All kernel services
 * are up. A function that returns non-zero is reported and stops the domain.
 *
 *   static int probe(void) { ... return 0; }
 *   INITCALL(device, probe);
 */
#ifndef SO3_INIT_H
#define SO3_INIT_H
#ifdef __cplusplus
extern "C" {
#endif

typedef int (*initcall_t)(void);

/* core: the domain's own services. postcore: buses. device: frontends and backends. app: the ME or the agency itself. */
#define INITCALL(level, function) \
  __attribute__((used, section("initcall_" #level))) static const initcall_t initcall_##function = function

#ifdef __cplusplus
}
#endif
#endif
