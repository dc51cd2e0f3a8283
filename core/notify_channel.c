/* SPDX-License-Identifier: MIT
 *
 * core/notify_channel.c - one word, and a ring of cells.
 *
 * The word's count never exceeds the capacity, and the loop empties a cell
 * before it lowers the count. So who raised the count owns the cell of the
 * number that it got, empty: cells need no numbers of their own, and a send is
 * one compare-and-swap and one store. */
#include "core/notify_channel.h"

#include "core/assert.h"
#include "core/sys/threads.h"
#include "core/waker.h"

/* The word. The number is the upper half: its overflow falls off. */
#define SLEEPS UINT64_C(1)
#define STOPS UINT64_C(2)
#define CLOSED UINT64_C(4)
#define ONE_MESSAGE UINT64_C(8)
#define ONE_NUMBER (UINT64_C(1) << 32)

#define LINE_SIZE 64

_Static_assert(MIO_NOTIFY_CAPACITY_MAX *ONE_MESSAGE < ONE_NUMBER,
               "a full channel's count stays below the number");

struct mio_notify_sender {
    uint64_t word;
    struct mio_waker *waker;
    const struct mio_allocator *allocator;
    uint32_t capacity;
    uint32_t refs_count;
    uint8_t unused[LINE_SIZE]; /* what follows is written by the loop alone */
    uint32_t next;             /* to be received */
    void *cells[];
};

static uint32_t count_of(uint64_t word)
{
    return (uint32_t)word / (uint32_t)ONE_MESSAGE;
}

static void **cell_of(struct mio_notify_sender *self, uint32_t number)
{
    return &self->cells[number & (self->capacity - 1)];
}

static uint32_t round_up(uint32_t capacity)
{
    uint32_t rounded = MIO_NOTIFY_CAPACITY_MIN;
    while (rounded < capacity)
        rounded *= 2;
    return rounded;
}

static size_t size_of(uint32_t capacity)
{
    return sizeof(struct mio_notify_sender) + (size_t)capacity * sizeof(void *);
}

int mio_notify_channel_new(struct mio_notify_sender **out, uint32_t capacity,
                           struct mio_poll *poll, mio_token token,
                           const struct mio_allocator *allocator)
{
    if (capacity > MIO_NOTIFY_CAPACITY_MAX)
        return MIO_EINVAL;
    capacity = round_up(capacity);

    struct mio_notify_sender *self =
        mio_allocator_allocate_zeroed(allocator, 1, size_of(capacity));
    if (self == NULL)
        return MIO_ENOMEM;
    int rc = mio_waker_new(&self->waker, poll, token);
    if (rc < 0) {
        mio_allocator_release(allocator, self, 1, size_of(capacity));
        return rc;
    }
    self->capacity = capacity;
    self->allocator = allocator;
    self->refs_count = 1;
    *out = self;
    return MIO_OK;
}

struct mio_notify_sender *
mio_notify_sender_clone(struct mio_notify_sender *self)
{
    (void)__atomic_fetch_add(&self->refs_count, 1, __ATOMIC_RELAXED);
    return self;
}

void mio_notify_sender_free(struct mio_notify_sender *self)
{
    if (self == NULL)
        return;
    /* Acquire and release: what the others did with it is done. */
    if (__atomic_fetch_sub(&self->refs_count, 1, __ATOMIC_ACQ_REL) != 1)
        return;
    mio_waker_free(self->waker);
    mio_allocator_release(self->allocator, self, 1, size_of(self->capacity));
}

int mio_notify_sender_send(struct mio_notify_sender *self, void *message)
{
    if (self == NULL || message == NULL)
        return MIO_EINVAL;

    uint64_t word = __atomic_load_n(&self->word, __ATOMIC_RELAXED);
    uint64_t accepted;
    do {
        if (word & CLOSED)
            return MIO_ECLOSED;
        if (count_of(word) == self->capacity)
            return MIO_EFULL;
        accepted = (word & ~SLEEPS) + ONE_MESSAGE + ONE_NUMBER;
        /* Acquire: the cell is empty. Pairs with mio_notify_channel_receive,
         * over all sends in between, as they are of one release sequence. */
    } while (!__atomic_compare_exchange_n(&self->word, &word, accepted, true,
                                          __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));

    void **cell = cell_of(self, (uint32_t)(word / ONE_NUMBER));
    MIO_DEBUG_ASSERT(__atomic_load_n(cell, __ATOMIC_RELAXED) == NULL);
    /* Release: pairs with the acquire of mio_notify_channel_receive. */
    __atomic_store_n(cell, message, __ATOMIC_RELEASE);
    /* A loop that is gone by now has waited for this message. */
    if (word & SLEEPS)
        (void)mio_waker_wake(self->waker);
    return MIO_OK;
}

int mio_notify_sender_shutdown(struct mio_notify_sender *self)
{
    return self != NULL ? mio_notify_channel_stop(self) : MIO_EINVAL;
}

bool mio_notify_channel_sleep(struct mio_notify_sender *self)
{
    uint64_t word = __atomic_load_n(&self->word, __ATOMIC_RELAXED);
    do {
        if (count_of(word) != 0 || (word & STOPS))
            return false;
    } while (!mio_swap_signal_word(&self->word, &word, word | SLEEPS));
    return true;
}

void mio_notify_channel_awake(struct mio_notify_sender *self)
{
    mio_mask_signal_word(&self->word, ~SLEEPS);
}

uint32_t mio_notify_channel_count(const struct mio_notify_sender *self)
{
    return count_of(__atomic_load_n(&self->word, __ATOMIC_RELAXED));
}

void *mio_notify_channel_receive(struct mio_notify_sender *self)
{
    MIO_DEBUG_ASSERT(mio_notify_channel_count(self) > 0);

    void **cell = cell_of(self, self->next);
    void *message = __atomic_load_n(cell, __ATOMIC_ACQUIRE);
    if (message == NULL)
        return NULL;
    __atomic_store_n(cell, NULL, __ATOMIC_RELAXED);
    self->next++;
    /* Release: whoever gets this cell next finds it empty. */
    (void)__atomic_fetch_sub(&self->word, ONE_MESSAGE, __ATOMIC_RELEASE);
    return message;
}

int mio_notify_channel_stop(struct mio_notify_sender *self)
{
    uint64_t word = __atomic_load_n(&self->word, __ATOMIC_RELAXED);
    do {
        if (word & CLOSED)
            return MIO_ECLOSED;
        /* Release: who takes the stop sees what its sender did before. */
    } while (!__atomic_compare_exchange_n(&self->word, &word,
                                          (word & ~SLEEPS) | STOPS, true,
                                          __ATOMIC_RELEASE, __ATOMIC_RELAXED));
    if (word & SLEEPS)
        (void)mio_waker_wake(self->waker);
    return MIO_OK;
}

bool mio_notify_channel_is_stopped(const struct mio_notify_sender *self)
{
    return (__atomic_load_n(&self->word, __ATOMIC_ACQUIRE) & STOPS) != 0;
}

bool mio_notify_channel_take_stop(struct mio_notify_sender *self)
{
    if (!mio_notify_channel_is_stopped(self))
        return false;
    (void)__atomic_fetch_and(&self->word, ~STOPS, __ATOMIC_ACQUIRE);
    return true;
}

void mio_notify_channel_close(struct mio_notify_sender *self)
{
    uint64_t word = __atomic_fetch_or(&self->word, CLOSED, __ATOMIC_ACQ_REL);
    MIO_ASSERT(!(word & CLOSED));
}
