/*
 * Short critical sections. A domain has one virtual CPU, so a spinlock keeps other threads out by turning preemption
 * off, and with _irqsave interrupt handlers too. Finding one already held is a bug that is reported with its name,
 * never a silent endless loop. Nothing may block while one is held. Any context; all zero is unlocked.
 */
#ifndef SO3_SPINLOCK_H
#define SO3_SPINLOCK_H
#include <stdbool.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

typedef struct spinlock {
  uintptr_t holder; /* where it was taken; 0 = free */
} spinlock_t;

void spin_lock_init(spinlock_t* lock);
void spin_lock(spinlock_t* lock);
bool spin_trylock(spinlock_t* lock);
void spin_unlock(spinlock_t* lock);
/* The value to give back to spin_unlock_irqrestore(). */
unsigned long spin_lock_irqsave(spinlock_t* lock);
void spin_unlock_irqrestore(spinlock_t* lock, unsigned long flags);

/* Interrupts off and back to how they were, without a lock. */
unsigned long local_irq_save(void);
void local_irq_restore(unsigned long flags);

#ifdef __cplusplus
}
#endif
#endif
