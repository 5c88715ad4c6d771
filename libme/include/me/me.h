/* The mobile entity (ME) interface, in C.
 *
 * An ME is one program in one virtual machine, without an operating system of its own to install: this library and
 * the so3 runtime are linked in. An author writes `app_thread_main` and those callbacks that matter; every callback
 * has a default (see below). C++ authors include <me/me.hpp>, which adds typed results on top.
 *
 * Two kinds of callbacks:
 *
 *   domcall   cb_pre_propagate, cb_pre_activate, cb_cooperate, cb_kill_me. The agency calls these on its own CPU
 *             while the ME itself stands still. They may read and write the ME's memory, take an uncontended
 *             spinlock, complete() something, change the state, log, and call args->__agency_ctl. They must not
 *             block: no sleep, no mutex or semaphore, no vbstore. A callback that blocks, or takes longer than one
 *             second, costs the ME its life (the console names the callback and the call).
 *   dc_event  cb_pre_suspend, cb_pre_resume, cb_post_activate, cb_force_terminate. These run in a thread of the ME
 *             and may block.
 */
#ifndef ME_ME_H
#define ME_ME_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- State ------------------------------------------------------------------------------------------------ */

typedef enum {
  ME_state_booting = 0,    /* injected, starting up */
  ME_state_preparing = 1,  /* waits for cb_pre_activate and cb_cooperate; frontends are not connected yet */
  ME_state_living = 2,     /* fully working */
  ME_state_suspended = 3,  /* quiet, so that a snapshot can be taken */
  ME_state_migrating = 4,  /* just arrived, or restored */
  ME_state_dormant = 5,    /* present, not running; still asked cb_pre_propagate */
  ME_state_killed = 6,     /* removed at the end of the present sequence */
  ME_state_terminated = 7, /* ends in order: frontends closed, store cleaned */
  ME_state_dead = 8        /* not there */
} ME_state_t;

/* The state of this ME, an ME_state_t. Callable anywhere. */
int get_ME_state(void);

/* Asks for another state. Which changes an ME may make, and in which callback, is the manual's lifecycle table; any
 * other is refused: nothing changes, and the console says which change was refused and why. Callable anywhere.
 * me::set_state returns the refusal as a value. */
void set_ME_state(ME_state_t state);

/* "ME_state_living", ... ; "ME_state_invalid" for a number that is no state. Never NULL. */
const char* get_ME_state_name(ME_state_t state);

/* ---- Identity ---------------------------------------------------------------------------------------------- */

#define ME_NAME_MAX 39        /* bytes, without the NUL */
#define ME_SHORTDESC_MAX 1024 /* bytes of UTF-8, without the NUL */
#define ME_SPADCAPS_MAX 8     /* capability masks of one ME */
#define SOO_NAME_SIZE 16      /* bytes, with the NUL */

#define SPADCAP_HEATING_CONTROL (UINT64_C(1) << 0)

/* Species aptitude descriptor. */
typedef struct {
  bool valid;        /* willing to cooperate */
  uint64_t spadcaps; /* capabilities, the first mask of the device tree's spadcaps */
} spad_t;

typedef struct {
  uint32_t slotID; /* = domain id, 2 and up */
  ME_state_t state;
  uint64_t size; /* memory in bytes */
  uint64_t pfn;  /* first page frame: address >> 12 */
  uint64_t spid;
  spad_t spad;
} ME_desc_t;

/* From the device tree of the capsule; the strings live as long as the ME. Callable anywhere. */
uint64_t get_spid(void);
const char* get_me_name(void);
const char* get_me_shortdesc(void);

/* All that describes this ME now. The pointer stays valid; each call renews the content, so copy it if threads
 * share it. NULL never. */
const ME_desc_t* get_ME_desc(void);

/* Slot of this ME; another number after each migration. Callable anywhere. */
uint32_t ME_domID(void);

/* All capability masks: copies up to `max` of them, returns how many there are (1 to ME_SPADCAPS_MAX). */
unsigned get_spadcaps(uint64_t* masks, unsigned max);

/* Prints identity, memory and state of this ME on the console, for debugging. */
void print_ME_desc(void);

/* ---- Cooperation ------------------------------------------------------------------------------------------- */

/* Says whether this ME is willing to cooperate. Callable from callbacks_init on. A device tree can say it from the
 * start with the property `cooperate`. */
void spad_enable_cooperate(void);
void spad_disable_cooperate(void);

/* Back to the device tree's word on the matter; what callbacks_init usually does first. */
void spad_reset(void);

/* Shared pages. As initiator an ME shows one page of its own memory to the target, for the length of the target's
 * cb_cooperate: read and write, no locks, and touched later it is a fault that costs the target its life.
 *
 * What another author put there is nothing to trust. So a target sees the page only if its species, size and version
 * are what the target expects: what it said with me_expect_page, and for its own species, if it said nothing, what it
 * shows itself. A page that does not fit is not shown (pfn is 0), and the console says what was found and expected. */

/* 4,096 bytes at a multiple of 4,096, zeroed; NULL when there is no memory. Give it back with me_free_page. Callable
 * from callbacks_init on, in domcalls too. */
void* me_alloc_page(void);
void me_free_page(void* page);

/* Says what this ME's page holds: `bytes` (1 to 4,096) are used, laid out as `version` of the author's own counting.
 * Goes with every AG_COOPERATE that shows this page. One page at a time; NULL takes it back. ME_EINVAL: not at a
 * multiple of 4,096, or more bytes than a page has. Callable from callbacks_init on. */
int me_show_page(const void* page, uint32_t bytes, uint32_t version);

/* Says what pages of a species must be like to be seen here. `bytes` 0 and `version` 0: as published, with nothing said
 * about it. The same species again replaces what was said. ME_ENOMEM: ME_EXPECTED_MAX species are said already.
 * Callable from callbacks_init on. */
#define ME_EXPECTED_MAX 16
int me_expect_page(uint64_t spid, uint32_t bytes, uint32_t version);

/* ---- Device capabilities ----------------------------------------------------------------------------------- */

/* A class in the top byte, attributes below: what a smart object has, and what AG_CHECK_DEVCAPS asks for. */
enum {
  DEVCAPS_CLASS_FRAMEBUFFER = 0x01000000,
  DEVCAP_FRAMEBUFFER_FB0 = 1 << 0,

  DEVCAPS_CLASS_INPUT = 0x02000000,
  DEVCAP_INPUT_EVENT = 1 << 0,
  DEVCAP_REMOTE_TABLET = 1 << 1,

  DEVCAPS_CLASS_COMM = 0x03000000,
  DEVCAP_COMM_UIHANDLER = 1 << 0,

  DEVCAPS_CLASS_LED = 0x04000000,
  DEVCAP_LED_RGB_SHIELD = 1 << 0,
  DEVCAP_LED_6LED = 1 << 1,

  DEVCAPS_CLASS_NET = 0x05000000,

  DEVCAPS_CLASS_DOMOTICS = 0x06000000,
  DEVCAP_BLIND_MOTOR = 1 << 0,
  DEVCAP_WEATHER_DATA = 1 << 1,

  DEVCAPS_CLASS_APP = 0x07000000,
  DEVCAP_APP_BLIND = 1 << 0,
  DEVCAP_APP_OUTDOOR = 1 << 1
};

/* ---- agency_ctl -------------------------------------------------------------------------------------------- */

enum {
  AG_AGENCY_UPGRADE = 0x10, /* not offered: images come through the engine */
  AG_INJECT_ME = 0x11, /* not offered, the same */
  AG_KILL_ME = 0x12, /* slotID: asks the cb_kill_me of an ME of the same species, or of the partner in the
                             * cooperation under way. ME_OK: it is killed now; ME_EDENIED: it refused, or is a stranger */
  AG_COOPERATE = 0x13, /* slotID, cooperate_args: calls that ME's cb_cooperate as target; in cb_cooperate, or from a
                             * thread of an ME that lives. ME_EDENIED: it returned non-zero, or it does not cooperate with
                             * this ME; ME_ENOENT: it is not there, or died of the call */
  AG_LOCAL_COOPERATE = 0x14, /* from a thread: cb_cooperate of this ME as initiator, once per ME that is eligible here,
                              * or once alone, as when it arrived. It lives on meanwhile, but stands still in the calls.
                              * ME_EBUSY: whoever is eligible is being suspended, moved or stopped for seconds */
  AG_AGENCY_UID = 0x20, /* -> agencyUID */
  AG_SOO_NAME = 0x21, /* -> soo_name */
  AG_CHECK_DEVCAPS_CLASS = 0x30, /* devcaps_class -> supported: this smart object has something of that class */
  AG_CHECK_DEVCAPS = 0x31, /* devcaps_class, devcaps -> supported: it has all of these attributes */
  AG_GET_STATE = 0x40 /* slotID -> state */
};

/* Why a call was refused. */
typedef enum {
  ME_OK = 0,
  ME_ENOTSUP = -1, /* this agency does not know the command, or does not offer it */
  ME_EDENIED = -2, /* not allowed to this ME */
  ME_EINVAL = -3, /* a value is out of range */
  ME_ESTATE = -4, /* not in this state, or not from here */
  ME_ENOENT = -5, /* no such ME, key or peer */
  ME_ENOMEM = -6,
  ME_ENOSLOT = -7, /* every slot is taken */
  ME_EBUSY = -8, /* try again later */
  ME_ETOOBIG = -9
} me_status_t;

/* "ok", "denied", ... Never NULL. */
const char* me_status_name(int status);

/* A partner in a cooperation. */
typedef struct {
  uint32_t slotID;
  uint64_t spid;
  spad_t spad;
  uint64_t pfn; /* its shared page, while the call runs: address >> 12. 0: it shows none (that fits) */
  uint32_t page_bytes; /* how much of the page its author uses, and the version of what is in it: as the */
  uint32_t page_version; /* initiator said. Both 0: it did not say */
} coop_t;

enum { COOPERATE_INITIATOR = 1, COOPERATE_TARGET = 2 };

typedef struct {
  int role; /* COOPERATE_INITIATOR: this ME arrived. COOPERATE_TARGET: another one did, and called */
  bool alone; /* initiator: there is nobody to cooperate with, target_coop is empty */
  union {
    coop_t target_coop; /* for the initiator */
    coop_t initiator_coop; /* for the target */
  } u;
} cooperate_args_t;

/* `devcaps` was published as 8 bits; attributes are 24, and whatever was assigned to it still is right. */
typedef struct {
  uint32_t devcaps_class; /* DEVCAPS_CLASS_... */
  uint32_t devcaps; /* attributes, or-ed; at least one */
  bool supported; /* out */
} devcaps_args_t;

typedef struct {
  uint32_t slotID; /* whom it concerns */
  uint32_t cmd; /* AG_... */
  union {
    coop_t
        cooperate_args; /* AG_COOPERATE: pfn = this ME's page to show, 0 for none. page_bytes and page_version both 0:
                            * as said with me_show_page */
    uint64_t agencyUID; /* out; 0 is no UID */
    devcaps_args_t devcaps_args;
    char soo_name[SOO_NAME_SIZE]; /* out, NUL-terminated */
    ME_state_t state; /* out */
  } u;
} agency_ctl_args_t;

/* Asks the agency; 0 or a negative me_status_t, and nothing is written to *args unless it is 0.
 * AG_AGENCY_UID, AG_SOO_NAME and AG_GET_STATE of this ME itself work anywhere. The rest works
 *   - in a domcall, where the answer comes at once;
 *   - in a thread or a dc_event callback once the ME has been activated, where the call blocks until it is answered, as
 *     long as a cooperation may take. AG_COOPERATE, AG_LOCAL_COOPERATE and AG_KILL_ME call MEs: these are served one ME
 *     after the other, with pauses, so that all of them together have half of the agency's time. ME_EBUSY: eight
 *     threads of this ME wait already, or one waits for one of those three and so does this call; or the ME that it is
 *     about is being suspended, moved or stopped. In cb_pre_suspend and cb_force_terminate that is this ME itself, and it
 *     cannot cooperate; nor in cb_post_activate, where it does not live yet. In cb_pre_resume vbstore still stands
 *     still, and whatever has to be asked is ME_ESTATE.
 * Anywhere else (an interrupt handler, a timer function, with a spinlock held, callbacks_init) it is ME_ESTATE; and so it
 * is for a thread that waited while the ME went to another smart object: what it asks about was at the old one.
 * The console says why something was refused, the first eight times. */
int agency_ctl(agency_ctl_args_t* args);

/* ---- Callbacks --------------------------------------------------------------------------------------------- */

enum { PROPAGATE_STATUS_NO = 0, PROPAGATE_STATUS_YES = 1 };

typedef struct {
  int propagate_status; /* out; NO unless the callback says YES */
} pre_propagate_args_t;

/* Callback numbers, in soo_domcall_arg_t.cmd. */
enum {
  CB_PRE_PROPAGATE = 1,
  CB_PRE_ACTIVATE = 2,
  CB_COOPERATE = 3,
  CB_PRE_SUSPEND = 4,
  CB_PRE_RESUME = 5,
  CB_POST_ACTIVATE = 6,
  CB_KILL_ME = 10
};

/* What every callback but the last two gets. Valid for the length of the call. */
typedef struct {
  int cmd; /* CB_... */
  uint32_t slotID; /* this ME */
  union {
    pre_propagate_args_t pre_propagate_args;
    cooperate_args_t cooperate_args;
  } u;
  int (*__agency_ctl)(agency_ctl_args_t* args); /* = agency_ctl, in every callback */
} soo_domcall_arg_t;

/* Each returns 0 for "fine". What another value means, and what happens when a callback is not written:
 *
 *                        returned non-zero              default
 *   cb_pre_propagate     not propagated                 PROPAGATE_STATUS_NO
 *   cb_pre_activate      the ME is killed               0
 *   cb_cooperate         logged; next target            0
 *   cb_pre_suspend       not propagated, lives on       0
 *   cb_pre_resume        logged                         0
 *   cb_post_activate     logged                         0
 *   cb_kill_me           refused                        refuses
 *   cb_force_terminate   refused                        sets ME_state_terminated
 *
 * cb_kill_me accepts by setting ME_state_killed, cb_force_terminate by setting ME_state_terminated. */
int cb_pre_propagate(soo_domcall_arg_t* args);
int cb_pre_activate(soo_domcall_arg_t* args);
int cb_cooperate(soo_domcall_arg_t* args);
int cb_kill_me(soo_domcall_arg_t* args);
int cb_pre_suspend(soo_domcall_arg_t* args);
int cb_pre_resume(soo_domcall_arg_t* args);
int cb_post_activate(soo_domcall_arg_t* args);
int cb_force_terminate(void);

/* Called once, while the ME boots, before any other callback: allocate, set up locks and pages. Frontends and
 * vbstore are not there yet. Default: nothing. */
void callbacks_init(void);

/* The ME's main thread; started when the ME is living. It may return: the ME lives on, its callbacks and other
 * threads too. `args` is NULL. The one function that every ME must have. */
void* app_thread_main(void* args);

#ifdef __cplusplus
}
#endif

#endif
