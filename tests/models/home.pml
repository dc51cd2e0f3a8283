/* SPDX-License-Identifier: MIT
 *
 * tests/models/home.pml - message memory goes home: runtime/mailbox/home.c,
 * slab.c and runtime/reactor/memory.h.
 *
 * An owner has three slots, two of one size and one of another. It allocates
 * four times, of a size of its choice, and frees each itself or gives it to one
 * of two collectors, who free it there: in chains of two, and before they
 * sleep. No slot may ever have two users, nor be allocated in the wrong size;
 * and when all are done, all must be home. Plain stores (the links) may be
 * delayed, and loads drawn ahead, wherever no fence forbids it. */

#define SLOTS 3
#define COLLECTORS 2
#define ALLOCATIONS 4
#define CHAIN 2 /* so many go home at once: MIO_HOMEWARD_MESSAGES */

#define CLASS_OF(slot) ((slot) == 3 -> 1 : 0)

byte word = 0;          /* struct mio_home: a slot, 1 to SLOTS */
byte next[SLOTS + 1];
bool stored[SLOTS + 1]; /* its link has reached memory */
bool seen[SLOTS + 1];   /* had when the owner's loads were drawn ahead */
bool used[SLOTS + 1];   /* somebody's */

chan given[COLLECTORS] = [2] of { byte };
bool is_over = false; /* the owner gives no more */
byte asleep = 0;      /* collectors that sent all home, and ended */

inline use(slot)
{
    assert(!used[slot]);
    used[slot] = true
}

inline unuse(slot)
{
    assert(used[slot]);
    used[slot] = false
}

#ifdef NO_RELEASE
#define LINK(slot, to) stored[slot] = false; link_later = to
#define LINK_ARRIVES(slot) next[slot] = link_later; stored[slot] = true
#else
#define LINK(slot, to) next[slot] = to; stored[slot] = true
#define LINK_ARRIVES(slot) skip
#endif

/* mio_home_push: the chain first..last. */
inline home_push()
{
    found = word; /* ck_pr_load_ptr */
#ifdef LINK_ONCE
    LINK(last, found);
#endif
    do
    ::
#ifdef FORGETS_OLDER
        LINK(last, 0);
#else
#ifndef LINK_ONCE
        LINK(last, found);
#endif
#endif
#ifdef PUSH_STORES
        swapped = true; word = first;
#else
        atomic { /* ck_pr_cas_ptr_value */
            swapped = (word == found);
            if
            :: swapped -> word = first
            :: else -> found = word
            fi
        }
#endif
        if
        :: swapped -> LINK_ARRIVES(last); break
        :: else -> skip
        fi
    od;
    swapped = false;
    found = 0
}

/* mio_homeward_send, of a chain that is not empty. */
inline homeward_send()
{
    home_push();
#ifndef KEEPS_CHAIN
    d_step { first = 0; last = 0; count = 0 }
#endif
}

proctype Collector(byte me)
{
    byte first, last, count, slot, found;
    bool swapped;
#ifdef NO_RELEASE
    byte link_later;
#endif
    do
    :: given[me]?slot ->
        d_step {
            unuse(slot); /* mio_reactor_message_free_foreign */
            /* mio_homeward_add */
            if
#ifndef NO_LAST
            :: count == 0 -> last = slot
#endif
            :: else -> skip
            fi;
            next[slot] = first;
            stored[slot] = true;
            first = slot;
            slot = 0;
            count++
        }
        if
        :: count == CHAIN -> homeward_send()
        :: else -> skip
        fi
    :: empty(given[me]) && (count > 0 || is_over) ->
        /* look_idle, before it sleeps: mio_reactor_send_home */
        if
#ifndef NO_FLUSH
        :: count > 0 -> homeward_send()
#endif
        :: else -> skip
        fi;
        if
        :: is_over && empty(given[me]) -> break
        :: else -> full(given[me]) || nempty(given[me]) || is_over
        fi
    od;
    asleep++
}

#ifdef NO_ACQUIRE
#define DRAW_LOADS_AHEAD()                                                    \
    d_step {                                                                  \
        i = 1;                                                                \
        do                                                                    \
        :: i <= SLOTS -> seen[i] = stored[i] && !used[i]; i++                 \
        :: else -> break                                                      \
        od;                                                                   \
        i = 0                                                                 \
    }
#define LOAD(slot) assert(seen[slot])
#else
#define DRAW_LOADS_AHEAD() skip
#define LOAD(slot) skip
#endif

/* mio_home_take */
inline home_take()
{
    if
    :: word != 0 ->
        DRAW_LOADS_AHEAD();
#ifdef TAKE_STORES
        returned = word;
        word = 0
#else
        atomic { returned = word; word = 0 }
#endif
    :: else -> returned = 0
    fi
}

/* sort_returned: until one of the class turns up, in `got`. */
inline sort_returned(class)
{
    d_step {
        do
        :: returned != 0 && got == 0 ->
            i = returned;
            LOAD(i);
            assert(stored[i]);
            returned = next[i];
            if
#ifdef CLASS_IGNORED
            :: true -> got = i
#else
            :: CLASS_OF(i) == class -> got = i
#endif
            :: else -> next[i] = free[CLASS_OF(i)]; free[CLASS_OF(i)] = i
            fi
        :: else -> break
        od;
        i = 0
    }
}

/* mio_slabs_alloc and mio_slabs_refill: a slot of the class in `got`, or 0. */
inline alloc(class)
{
    d_step {
        got = free[class];
        if
#ifndef FREE_KEPT
        :: got != 0 -> free[class] = next[got]
#endif
        :: else -> skip
        fi
    }
    if
    :: got == 0 ->
#ifndef RETURNED_DROPPED
        sort_returned(class);
#endif
        if
        :: got == 0 -> home_take(); sort_returned(class)
        :: else -> skip
        fi
    :: else -> skip
    fi
}

active proctype Owner()
{
    byte free[2];
    byte returned, got, i, left, class;
    /* carve: all slots are known to the free lists. */
    d_step {
        free[0] = 1; next[1] = 2; next[2] = 0;
        free[1] = 3; next[3] = 0;
        stored[1] = true; stored[2] = true; stored[3] = true;
        left = ALLOCATIONS
    }
    run Collector(0);
    run Collector(1);
    do
    :: left > 0 ->
        left--;
        if
        :: class = 0
        :: class = 1
        fi;
        alloc(class);
        if
        :: got != 0 ->
            assert(CLASS_OF(got) == class);
            use(got);
            if
            :: given[0]!got
            :: given[1]!got
            :: d_step { /* mio_slabs_free */
                    unuse(got);
                    next[got] = free[class];
                    free[class] = got
                }
            fi
        :: else -> skip /* out of memory: grow */
        fi;
        got = 0
    :: else -> break
    od;
    is_over = true;
    asleep == COLLECTORS;
    /* mio_slabs_out_count: none. */
    d_step {
        left = 0;
        i = returned;
        do
        :: i != 0 -> left++; assert(left <= SLOTS); i = next[i]
        :: else -> break
        od;
        i = word;
        do
        :: i != 0 -> left++; assert(left <= SLOTS); i = next[i]
        :: else -> break
        od;
        i = free[0];
        do
        :: i != 0 -> left++; assert(left <= SLOTS); i = next[i]
        :: else -> break
        od;
        i = free[1];
        do
        :: i != 0 -> left++; assert(left <= SLOTS); i = next[i]
        :: else -> break
        od;
        assert(left == SLOTS)
    }
}
