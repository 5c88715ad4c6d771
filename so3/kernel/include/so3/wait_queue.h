/* Threads that wait for one thing, the most urgent first. All zero is empty. Not for direct use. */
#ifndef SO3_WAIT_QUEUE_H
#define SO3_WAIT_QUEUE_H

struct so3_thread;
struct so3_wait_queue {
  struct so3_thread* first;
};

#endif
