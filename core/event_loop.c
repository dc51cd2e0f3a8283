/* SPDX-License-Identifier: MIT
 *
 * core/event_loop.c - one turn after the other. */
#include "core/event_loop.h"

#include "core/assert.h"
#include "core/clock.h"
#include "core/notify_channel.h"
#include "core/poll_private.h"
#include "core/sys/nap.h"
#include "core/timeouts.h"

#define EVENTS_MAX_DEFAULT 1024
#define TIMERS_MAX_DEFAULT 65536
#define NOTIFY_CAPACITY_DEFAULT 4096
#define MESSAGES_PER_TICK_DEFAULT 256

#define NOTIFY_TOKEN UINT64_MAX
#define SIGNALS_TOKEN (UINT64_MAX - 1)

struct mio_event_loop {
    struct mio_poll *poll;
    struct mio_events *events;
    struct mio_signals *signals; /* NULL: none was watched yet */
    struct mio_notify_sender *channel;
    uint32_t messages_per_tick;
    uint32_t is_busy;    /* in run or turn; atomic */
    uint32_t is_running; /* in run; atomic */
    void (*message_free)(void *message_ctx, void *message);
    void *message_ctx;
    const struct mio_allocator *allocator;
    const struct mio_log *log;
    struct mio_timeouts timeouts;
};

/* Whom a turn calls back. */
struct callee {
    const struct mio_handler *handler;
    void *ctx;
};

/* --- beginning and end ---------------------------------------------------- */

static uint32_t or_default(uint32_t value, uint32_t value_default)
{
    return value != 0 ? value : value_default;
}

static int open_parts(struct mio_event_loop *self,
                      const struct mio_event_loop_options *options)
{
    const struct mio_allocator *allocator = options->poll.allocator;
    int rc = mio_poll_new(&self->poll, &options->poll);
    if (rc < 0)
        return rc;

    mio_poll_reserve_tokens(self->poll, MIO_EVENT_LOOP_TOKEN_MAX);

    rc = mio_events_new_with(
        &self->events, or_default(options->events_max, EVENTS_MAX_DEFAULT),
        allocator);
    if (rc < 0)
        goto fail_events;

    rc = mio_timeouts_init(&self->timeouts,
                           or_default(options->timers_max, TIMERS_MAX_DEFAULT),
                           mio_clock_monotonic_ns(), allocator);
    if (rc < 0)
        goto fail_timeouts;

    rc = mio_notify_channel_new(
        &self->channel,
        or_default(options->notify_capacity, NOTIFY_CAPACITY_DEFAULT),
        self->poll, mio_token_of(NOTIFY_TOKEN), allocator);
    if (rc < 0)
        goto fail_channel;
    return MIO_OK;

fail_channel:
    mio_timeouts_deinit(&self->timeouts);
fail_timeouts:
    mio_events_free(self->events);
fail_events:
    mio_poll_free(self->poll);
    return rc;
}

int mio_event_loop_new(struct mio_event_loop **out,
                       const struct mio_event_loop_options *options)
{
    static const struct mio_event_loop_options defaults;
    if (out == NULL)
        return MIO_EINVAL;
    if (options == NULL)
        options = &defaults;

    const struct mio_allocator *allocator = options->poll.allocator;
    struct mio_event_loop *self =
        mio_allocator_allocate_zeroed(allocator, 1, sizeof(*self));
    if (self == NULL)
        return MIO_ENOMEM;
    int rc = open_parts(self, options);
    if (rc < 0) {
        mio_allocator_release(allocator, self, 1, sizeof(*self));
        return rc;
    }
    self->allocator = allocator;
    self->log = options->poll.log;
    self->messages_per_tick =
        or_default(options->messages_per_tick, MESSAGES_PER_TICK_DEFAULT);
    self->message_free = options->message_free;
    self->message_ctx = options->message_ctx;
    *out = self;
    return MIO_OK;
}

static void release_message(struct mio_event_loop *self, void *message)
{
    if (self->message_free != NULL)
        self->message_free(self->message_ctx, message);
}

/* Every message that was accepted, also those whose senders are still putting
 * them into their cells: each has but one store to do. */
static void release_messages(struct mio_event_loop *self)
{
    uint32_t count = 0;
    while (mio_notify_channel_count(self->channel) > 0) {
        void *message = mio_notify_channel_receive(self->channel);
        if (message == NULL) {
            mio_nap();
            continue;
        }
        release_message(self, message);
        count++;
    }
    if (count > 0)
        mio_log_print(self->log, MIO_LOG_WARNING,
                      "event loop: freed with %u messages that no handler saw",
                      (unsigned)count);
}

static void close_signals(struct mio_event_loop *self)
{
    mio_source_deregister(mio_signals_source(self->signals));
    mio_signals_free(self->signals);
    self->signals = NULL;
}

void mio_event_loop_free(struct mio_event_loop *self)
{
    if (self == NULL)
        return;
    MIO_ASSERT(!self->is_busy);

    mio_notify_channel_close(self->channel);
    release_messages(self);
    if (self->signals != NULL)
        close_signals(self);
    mio_timeouts_deinit(&self->timeouts);
    mio_events_free(self->events);
    mio_poll_free(self->poll);
    mio_notify_sender_free(self->channel);
    mio_allocator_release(self->allocator, self, 1, sizeof(*self));
}

/* --- a turn --------------------------------------------------------------- */

static int64_t time_to_wait(const struct mio_event_loop *self,
                            int64_t timeout_ns)
{
    if (mio_timeouts_is_empty(&self->timeouts))
        return timeout_ns;
    int64_t deadline = mio_timeouts_deadline(&self->timeouts);
    if (deadline == MIO_NO_DEADLINE)
        return timeout_ns;
    int64_t left_ns = deadline - mio_clock_monotonic_ns();
    if (left_ns < 0)
        left_ns = 0;
    return timeout_ns < 0 || left_ns < timeout_ns ? left_ns : timeout_ns;
}

static int wait_for_events(struct mio_event_loop *self, int64_t timeout_ns)
{
    if (timeout_ns != 0)
        timeout_ns = time_to_wait(self, timeout_ns);
    if (timeout_ns == 0 || !mio_notify_channel_sleep(self->channel))
        return mio_poll_wait(self->poll, self->events, 0);

    int rc = mio_poll_wait(self->poll, self->events, timeout_ns);
    mio_notify_channel_awake(self->channel);
    return rc;
}

static int take_signals(struct mio_event_loop *self,
                        const struct callee *callee)
{
    int which;
    int count = 0;
    /* If somebody took the loop's token there may be no set: MIO_EINVAL. */
    while ((which = mio_signals_next(self->signals)) >= 0) {
        if (callee->handler->signal != NULL)
            callee->handler->signal(callee->ctx, self, (enum mio_signal)which);
        count++;
    }
    return count;
}

static int take_events(struct mio_event_loop *self, const struct callee *callee)
{
    struct mio_event event;
    int count = 0;
    while (mio_events_next(self->events, &event)) {
        if (event.token.value == NOTIFY_TOKEN)
            continue; /* it has ended the wait; the channel says why */
        if (event.token.value == SIGNALS_TOKEN) {
            count += take_signals(self, callee);
            continue;
        }
        if (callee->handler->ready != NULL)
            callee->handler->ready(callee->ctx, self, &event);
        count++;
    }
    return count;
}

/* Those that are there now: what a handler sends to itself waits for the next
 * turn. If the next one's sender is still at it, the next turn looks again, so
 * that nobody else has to wait for that thread. */
static int take_messages(struct mio_event_loop *self,
                         const struct callee *callee)
{
    uint32_t count_max = mio_notify_channel_count(self->channel);
    if (count_max > self->messages_per_tick)
        count_max = self->messages_per_tick;

    uint32_t count = 0;
    while (count < count_max) {
        void *message = mio_notify_channel_receive(self->channel);
        if (message == NULL)
            break;
        if (callee->handler->notify != NULL)
            callee->handler->notify(callee->ctx, self, message);
        else
            release_message(self, message);
        count++;
    }
    return (int)count;
}

static int take_timeouts(struct mio_event_loop *self,
                         const struct callee *callee)
{
    /* Without timeouts there is no need to know the time. */
    if (mio_timeouts_is_empty(&self->timeouts))
        return 0;

    mio_token token;
    int count = 0;
    mio_timeouts_advance(&self->timeouts, mio_clock_monotonic_ns());
    while (mio_timeouts_take(&self->timeouts, &token)) {
        if (callee->handler->timeout != NULL)
            callee->handler->timeout(callee->ctx, self, token);
        count++;
    }
    return count;
}

/* Inlined into run: a return to a function that was entered before the wait
 * costs 8 ns; see core/sys/epoll_call.h. */
static inline __attribute__((always_inline)) int
turn(struct mio_event_loop *self, int64_t timeout_ns,
     const struct callee *callee)
{
    const struct mio_handler *handler = callee->handler;
    int rc = wait_for_events(self, timeout_ns);
    if (rc < 0 && rc != MIO_EINTR)
        return rc;
    if (rc == MIO_EINTR && handler->interrupted != NULL)
        handler->interrupted(callee->ctx, self);

    int count = take_events(self, callee);
    count += take_messages(self, callee);
    count += take_timeouts(self, callee);
    if (handler->tick != NULL)
        handler->tick(callee->ctx, self);
    return count;
}

static bool begin(struct mio_event_loop *self)
{
    return __atomic_exchange_n(&self->is_busy, 1, __ATOMIC_ACQUIRE) == 0;
}

static void end(struct mio_event_loop *self)
{
    __atomic_store_n(&self->is_busy, 0, __ATOMIC_RELEASE);
}

int mio_event_loop_turn(struct mio_event_loop *self, int64_t timeout_ns,
                        const struct mio_handler *handler, void *ctx)
{
    struct callee callee = {.handler = handler, .ctx = ctx};
    if (self == NULL || handler == NULL)
        return MIO_EINVAL;
    if (!begin(self))
        return MIO_EBUSY;
    int rc = turn(self, timeout_ns, &callee);
    end(self);
    return rc;
}

int mio_event_loop_run(struct mio_event_loop *self,
                       const struct mio_handler *handler, void *ctx)
{
    struct callee callee = {.handler = handler, .ctx = ctx};
    if (self == NULL || handler == NULL)
        return MIO_EINVAL;
    if (!begin(self))
        return MIO_EBUSY;
    __atomic_store_n(&self->is_running, 1, __ATOMIC_RELAXED);
    int rc = MIO_OK;
    while (rc >= 0 && !mio_notify_channel_take_stop(self->channel))
        rc = turn(self, MIO_FOREVER, &callee);
    __atomic_store_n(&self->is_running, 0, __ATOMIC_RELAXED);
    end(self);
    return rc < 0 ? rc : MIO_OK;
}

void mio_event_loop_shutdown(struct mio_event_loop *self)
{
    (void)mio_notify_channel_stop(self->channel);
}

bool mio_event_loop_is_running(const struct mio_event_loop *self)
{
    return __atomic_load_n(&self->is_running, __ATOMIC_RELAXED) != 0 &&
           !mio_notify_channel_is_stopped(self->channel);
}

/* --- sources, timeouts, signals, messages --------------------------------- */

struct mio_poll *mio_event_loop_poll(struct mio_event_loop *self)
{
    return self->poll;
}

struct mio_registry *mio_event_loop_registry(struct mio_event_loop *self)
{
    return mio_poll_registry(self->poll);
}

int mio_event_loop_register(struct mio_event_loop *self,
                            struct mio_source *source, mio_token token,
                            uint32_t interest, uint32_t mode)
{
    if (self == NULL || token.value > MIO_EVENT_LOOP_TOKEN_MAX)
        return MIO_EINVAL;
    return mio_poll_register(self->poll, source, token, interest, mode);
}

int mio_event_loop_reregister(struct mio_event_loop *self,
                              struct mio_source *source, mio_token token,
                              uint32_t interest, uint32_t mode)
{
    if (self == NULL || token.value > MIO_EVENT_LOOP_TOKEN_MAX)
        return MIO_EINVAL;
    return mio_poll_reregister(self->poll, source, token, interest, mode);
}

int mio_event_loop_deregister(struct mio_event_loop *self,
                              struct mio_source *source)
{
    return self != NULL ? mio_poll_deregister(self->poll, source) : MIO_EINVAL;
}

int mio_event_loop_set_timeout(struct mio_event_loop *self, int64_t delay_ns,
                               mio_token token, mio_key *out)
{
    if (self == NULL || delay_ns < 0)
        return MIO_EINVAL;
    int64_t now_ns = mio_clock_monotonic_ns();
    if (delay_ns >= MIO_NO_DEADLINE - now_ns)
        return MIO_EOVERFLOW;
    mio_key unwanted;
    return mio_timeouts_set(&self->timeouts, now_ns + delay_ns, token,
                            out != NULL ? out : &unwanted);
}

bool mio_event_loop_clear_timeout(struct mio_event_loop *self, mio_key timeout)
{
    return mio_timeouts_clear(&self->timeouts, timeout);
}

static int open_signals(struct mio_event_loop *self)
{
    const struct mio_signals_options options = {
        .allocator = self->allocator,
        .log = self->log,
    };
    int rc = mio_signals_new_with(&self->signals, &options);
    if (rc < 0)
        return rc;
    rc = mio_poll_register(self->poll, mio_signals_source(self->signals),
                           mio_token_of(SIGNALS_TOKEN), MIO_READABLE, MIO_EDGE);
    if (rc < 0)
        close_signals(self);
    return rc;
}

int mio_event_loop_watch_signal(struct mio_event_loop *self,
                                enum mio_signal which)
{
    if (self == NULL)
        return MIO_EINVAL;
    if (self->signals == NULL) {
        int rc = open_signals(self);
        if (rc < 0)
            return rc;
    }
    return mio_signals_add(self->signals, which);
}

int mio_event_loop_unwatch_signal(struct mio_event_loop *self,
                                  enum mio_signal which)
{
    if (self == NULL)
        return MIO_EINVAL;
    if (self->signals == NULL)
        return MIO_ENOENT;
    return mio_signals_remove(self->signals, which);
}

struct mio_notify_sender *mio_event_loop_sender(struct mio_event_loop *self)
{
    return mio_notify_sender_clone(self->channel);
}
