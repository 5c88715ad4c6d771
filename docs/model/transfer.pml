/* The transfer protocol of so3/abi/transfer.hpp, between two agencies, A and B, and an ME that A has. States and
 * messages have the names they have there, callbacks those of so3/abi/sequence.hpp.
 *
 * The stream between two engines loses, repeats and reorders nothing while it is up; yet messages are lost, doubled
 * and overtaken here: what holds under that holds whatever carries them. A crash takes all that a smart object had and
 * all that is under way, and the other side hears of it before it hears anything of the new start (line.hpp).
 *
 * Checked (docs/model/README.md): the assertions, no invalid end state, and that every transfer is decided.
 *
 *   KIND        move or copy
 *   LOSSES DOUBLES OVERTAKES CRASHES ATTEMPTS   how often, at most
 *   BREAK_...   a protocol that lacks one rule; the check must find what goes wrong then
 */
#ifndef KIND
#define KIND move
#endif
#ifndef LOSSES
#define LOSSES 2
#endif
#ifndef DOUBLES
#define DOUBLES 1
#endif
#ifndef CRASHES
#define CRASHES 2
#endif
#ifndef OVERTAKES
#define OVERTAKES 2
#endif
#ifndef ATTEMPTS
#define ATTEMPTS 2
#endif

#define EPOCHS 4 /* 1 .. ATTEMPTS are used */
#define LAST 8   /* data is in two pieces: this beside the epoch is the offset of the second */

mtype = { copy, move };                                                                /* Kind */
mtype = { offer, accept, refuse, data, credit, arrived, cancel, cancelled, settled };  /* Type, and Receiver's */
mtype = { offered, sending, sent, cancelling, done };                                  /* Sender */
mtype = { receiving, activating, refused };                                            /* Receiver */
mtype = { none, ME_living, ME_suspended, ME_gone };

chan to_b = [3] of { mtype, byte /* epoch */ };
chan to_a = [3] of { mtype, byte };

byte losses, doubles, overtakes, crashes;
bool a_hears_death, b_hears_death; /* of the other side, before anything else */

/* ---- the ME, at both places and beyond */
mtype me_a = ME_living;
bool b_lives, moved_on; /* at B; from B to a third place */
bool killed_by_crash;   /* the place where it was, died: no protocol brings it back */
bool has_lived[EPOCHS]; /* at B, since its last start: a transfer makes one ME, not two */

/* Alive or intact at every instant, and never alive twice. A copy is another instance, so that the second does not
 * hold for it, and the first is about A alone. */
#define ALIVE_A (me_a == ME_living)
#define INTACT_A (me_a != ME_gone)
#define CHECK                                                                    \
  assert(killed_by_crash || INTACT_A || (KIND == move && (moved_on || b_lives))); \
  assert(KIND == copy || !(ALIVE_A && (moved_on || b_lives)))

/* ---- callbacks: each sequence must be called in its order, from its first to its last, once for each transfer */
byte at_a, at_b; /* 0: no sequence is under way */
inline step_a(n) { assert(at_a == n - 1); at_a = n }
inline step_b(n) { assert(at_b == n - 1); at_b = n }

/* ---- what a side says, and what becomes of it */
inline say(channel, m, e) {
  if
  :: nfull(channel) -> channel!m(e)
  :: full(channel) /* lost */
  :: losses < LOSSES -> losses++
  :: doubles < DOUBLES && len(channel) < 2 -> doubles++; channel!m(e); channel!m(e)
  fi
}

mtype s = none;
byte epoch, attempts;

inline resume_a() {
  if
  :: KIND == move && me_a == ME_suspended ->
    step_a(4); /* cb_pre_resume */
    step_a(5); /* cb_post_activate */
    me_a = ME_living; at_a = 0
  :: else
  fi
}

proctype agency_a() {
  mtype m;
  byte e;
end:
  do
  /* The other side died with all it had. */
  :: atomic { a_hears_death ->
      a_hears_death = false;
      if
      :: s == offered || s == sending || s == sent || s == cancelling -> resume_a(); s = done
      :: else
      fi;
      CHECK }

  /* migrate, or propagate */
  :: atomic { !a_hears_death && (s == none || s == done) && me_a == ME_living && attempts < ATTEMPTS ->
      attempts++; epoch++;
      step_a(1); /* cb_pre_propagate; for a move nobody is asked */
      step_a(2); /* cb_pre_suspend */
      me_a = ME_suspended;
      step_a(3); /* the snapshot */
      if
      :: KIND == copy -> step_a(4); step_a(5); me_a = ME_living; at_a = 0
      :: else
      fi;
      s = offered;
      say(to_b, offer, epoch);
      CHECK }

  /* Nothing was heard for a while, or something else went wrong. Who may have all of a move has to say what became of
   * it; any other transfer ends at once, and of a copy there may be one all the same. */
  :: atomic { !a_hears_death && len(to_a) == 0 && (s == offered || s == sending || s == sent) ->
#ifdef BREAK_RESUME_ON_SILENCE
      resume_a(); s = done;
#else
      say(to_b, cancel, epoch);
      if
      :: KIND == move && s == sent -> s = cancelling
      :: else -> resume_a(); s = done
      fi;
#endif
      CHECK }
  :: atomic { !a_hears_death && len(to_a) == 0 && len(to_b) == 0 && s == cancelling ->
      say(to_b, cancel, epoch) }

  :: atomic { !a_hears_death && len(to_a) > 0 -> to_a?m(e);
      if
      :: e == epoch && m == accept && s == offered -> s = sending; say(to_b, data, epoch)
      :: e == epoch && m == credit && s == sending -> s = sent; say(to_b, data, epoch + LAST)
      :: e == epoch && m == arrived && (s == sent || s == cancelling) ->
        if
        :: KIND == move -> me_a = ME_gone; at_a = 0; say(to_b, settled, e)
        :: else
        fi;
        s = done
      :: e == epoch && (m == refuse || m == cancelled) &&
         (s == offered || s == sending || s == sent || s == cancelling) ->
        resume_a(); s = done
      :: else -> /* late, doubled, or of another attempt */
        if
        :: m == arrived && KIND == move && (e != epoch || s == done || s == none) -> say(to_b, settled, e)
        :: else
        fi
      fi;
      CHECK }
  od
}

mtype r = none;
bool is_settled; /* arrived, and the sender has nothing of it any more */
byte from; /* the epoch that is received or activated */
bool first_half;
mtype known[EPOCHS];

inline answer_as_before(e) {
  if
  :: known[e] == arrived -> say(to_a, arrived, e)
  :: known[e] == refused -> say(to_a, refuse, e)
  :: known[e] == cancelled -> say(to_a, cancelled, e)
  fi
}

inline drop_b() { r = none; is_settled = false; from = 0; first_half = false; b_lives = false; at_b = 0 }

/* The arrival sequence; the ME may decline, or end, in any of its callbacks. */
proctype arrival_at_b() {
end:
  do
  :: atomic { r == activating && at_b == 0 -> step_b(1) /* cb_pre_activate */ }
  :: atomic { r == activating && at_b == 1 -> step_b(2) /* cb_cooperate */ }
  :: atomic { r == activating && at_b != 0 && !b_hears_death ->
      known[from] = refused;
      say(to_a, refuse, from);
      drop_b(); CHECK }
  :: atomic { r == activating && at_b == 2 -> step_b(3) /* cb_pre_resume */ }
  :: atomic { r == activating && at_b == 3 -> step_b(4) /* cb_post_activate */ }
  :: atomic { r == activating && at_b == 4 && !b_hears_death ->
      at_b = 0; b_lives = true; known[from] = arrived;
      assert(!has_lived[from]); has_lived[from] = true;
      r = arrived; is_settled = (KIND == copy);
      say(to_a, arrived, from); CHECK }
  od
}

proctype agency_b() {
  mtype m;
  byte e;
end:
  do
  :: atomic { b_hears_death ->
      b_hears_death = false;
      if
      :: r == receiving -> known[from] = cancelled; drop_b()
      :: r == arrived -> is_settled = true
      :: else
      fi;
      CHECK }

  /* Nothing was heard for a while. */
  :: atomic { !b_hears_death && len(to_b) == 0 && r == receiving ->
      known[from] = refused; say(to_a, refuse, from); drop_b(); CHECK }

  /* Repeats itself until the sender has nothing of it any more. */
  :: atomic { !b_hears_death && r == arrived && !is_settled && len(to_a) == 0 && len(to_b) == 0 ->
      say(to_a, arrived, from) }

  /* It goes on to a third place, or ends here. */
#ifdef BREAK_MOVE_ON_UNSETTLED
  :: atomic { r == arrived && KIND == move -> moved_on = true; drop_b(); CHECK }
#else
  :: atomic { r == arrived && is_settled && KIND == move -> moved_on = true; drop_b(); CHECK }
#endif

  :: atomic { !b_hears_death && len(to_b) > 0 -> to_b?m(e);
      if
      :: m == offer && known[e] != none ->
#ifdef BREAK_FORGET_OUTCOMES
        known[e] = none; r = receiving; from = e; say(to_a, accept, e)
#else
        answer_as_before(e)
#endif
      :: m == offer && known[e] == none && r == none ->
        if
        :: r = receiving; from = e; first_half = false; say(to_a, accept, e)
        :: known[e] = refused; say(to_a, refuse, e) /* no memory, no slot */
        fi
      :: m == offer && known[e] == none && r != none && from != e -> known[e] = refused; say(to_a, refuse, e)
      :: m == data && r == receiving && from == e && !first_half -> first_half = true; say(to_a, credit, e)
      :: m == data && r == receiving && from + LAST == e && first_half ->
        r = activating; at_b = 0
      :: m == data && r == receiving && from + LAST == e && !first_half -> /* a gap */
        known[from] = refused; say(to_a, refuse, from); drop_b()
      :: m == cancel && known[e] != none -> answer_as_before(e)
#ifdef BREAK_CANCEL_NOTHING
      :: m == cancel && known[e] == none && r == activating && from == e -> say(to_a, cancelled, e)
#endif
      :: m == cancel && known[e] == none && (r == receiving || r == activating) && from == e ->
        known[e] = cancelled; drop_b(); say(to_a, cancelled, e)
      :: m == cancel && known[e] == none && (r == none || from != e) ->
        known[e] = cancelled; say(to_a, cancelled, e)
      :: m == settled && r == arrived && from == e -> is_settled = true
      :: else
      fi;
      CHECK }
  od
}

/* What happens to smart objects and to what is under way. A smart object that dies comes up again, with nothing. */
proctype mishaps() {
  mtype m;
  byte e;
end:
  do
  :: atomic { overtakes < OVERTAKES && len(to_b) > 1 -> overtakes++; to_b?m(e); to_b!m(e) }
  :: atomic { overtakes < OVERTAKES && len(to_a) > 1 -> overtakes++; to_a?m(e); to_a!m(e) }
  :: atomic { crashes < CRASHES ->
      crashes++;
      killed_by_crash = killed_by_crash || (me_a != ME_gone && !(KIND == move && b_lives));
      me_a = ME_gone; s = none; at_a = 0; a_hears_death = false; epoch = ATTEMPTS; attempts = ATTEMPTS;
      do :: to_b?_,_ :: empty(to_b) -> break od;
      do :: to_a?_,_ :: empty(to_a) -> break od;
      b_hears_death = true; CHECK }
  :: atomic { crashes < CRASHES ->
      crashes++;
      killed_by_crash = killed_by_crash || (b_lives && !INTACT_A);
      drop_b(); b_hears_death = false;
      known[1] = none; known[2] = none; known[3] = none;
      has_lived[1] = false; has_lived[2] = false; has_lived[3] = false;
      do :: to_b?_,_ :: empty(to_b) -> break od;
      do :: to_a?_,_ :: empty(to_a) -> break od;
      a_hears_death = true; CHECK }
  od
}

init {
  known[0] = none; known[1] = none; known[2] = none; known[3] = none;
  atomic { run agency_a(); run agency_b(); run arrival_at_b(); run mishaps() }
}

/* Once nothing is lost and nobody dies any more, nothing stays in doubt. */
ltl decided { [] ((s == cancelling || s == offered || s == sending || s == sent) -> <> (s == done || s == none)) }
ltl settles { [] ((r == arrived && !is_settled) -> <> (r != arrived || is_settled)) }
