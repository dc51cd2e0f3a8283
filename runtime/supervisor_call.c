/* SPDX-License-Identifier: MIT
 *
 * runtime/supervisor_call.c - what others ask of a supervisor. See
 * supervisor.h.
 *
 * The answer is written into the memory of the call, so that it cannot be
 * refused; that of mio_supervisor_which is larger, and can. */
#include <string.h>

#include "core/assert.h"
#include "runtime/actor_private.h"
#include "runtime/child.h"
#include "runtime/reactor/dispatch.h"
#include "runtime/reactor/mail.h"
#include "runtime/supervisor.h"
#include "runtime/supervisor_private.h"

enum operation { START_CHILD, STOP_CHILD, COUNT, WHICH };

/* The payload of a call; of a child to be started, the argument follows. */
struct call {
    enum operation operation;
    uint64_t token;
    uint64_t key;
    struct mio_child_spec spec;
};

_Static_assert(sizeof(struct call) >= sizeof(struct mio_supervisor_answer) +
                                          sizeof(struct mio_child_info),
               "an answer in the memory of its call");

static const struct mio_message_type answer_type = {.name =
                                                        "supervisor's answer"};

const struct mio_message_type *mio_supervisor_answer_type(void)
{
    return &answer_type;
}

/* --- answers ------------------------------------------------------------- */

static void send_answer(struct mio_reactor *reactor, mio_actor_id to,
                        struct mio_message *message)
{
    struct mio_supervisor_answer *answer = mio_message_payload(message);
    message->size =
        (uint32_t)(sizeof(*answer) +
                   answer->infos_count * sizeof(struct mio_child_info));
    message->type = &answer_type;
    message->from = message->to;
    message->to = to;
    message->kind = MIO_ENTRY_MESSAGE;
    mio_reactor_send(reactor, message);
}

static struct mio_child_info info_of(const struct mio_child *child)
{
    return (struct mio_child_info){
        .key = child->key,
        .name = child->spec.name,
        .id = child->id,
        .restarts_count = child->restarts_count,
        .state = child->state,
        .is_supervisor = child->spec.supervisor != NULL,
        .is_dynamic = child->is_dynamic,
    };
}

/* Turn a call into its answer, without infos yet. */
static struct mio_supervisor_answer *make_answer(struct mio_message *message,
                                                 int result)
{
    uint64_t token = ((struct call *)mio_message_payload(message))->token;
    struct mio_supervisor_answer *answer = mio_message_payload(message);
    *answer = (struct mio_supervisor_answer){.token = token, .result = result};
    return answer;
}

static struct mio_child_info *infos_of(struct mio_supervisor_answer *answer)
{
    return (struct mio_child_info *)(void *)(answer + 1);
}

static void count_children(const struct mio_supervisor *self,
                           struct mio_supervisor_answer *answer)
{
    answer->children_count = mio_slab_count(&self->children);
    for (const struct mio_child *child = self->first; child != NULL;
         child = child->next)
        answer->running_count += child->state == MIO_CHILD_RUNNING;
}

/* The supervisor is gone, or is none. */
static void answer_code(struct mio_reactor *reactor,
                        struct mio_message *message, int result)
{
    (void)make_answer(message, result);
    send_answer(reactor, message->from, message);
}

/* `child` may be NULL. */
static void answer(struct mio_supervisor *self, struct mio_message *message,
                   int result, const struct mio_child *child)
{
    struct mio_supervisor_answer *it = make_answer(message, result);
    if (child != NULL) {
        infos_of(it)[0] = info_of(child);
        it->infos_count = 1;
    }
    send_answer(self->self->reactor, message->from, message);
}

/* Answer those calls of a child that `ends` or not. */
static void answer_calls(struct mio_supervisor *self, struct mio_child *child,
                         bool has_ended, int reason)
{
    struct mio_message *message = child->calls;
    child->calls = NULL;
    while (message != NULL) {
        struct mio_message *next = message->next;
        const struct call *call = mio_message_payload(message);
        if (call->operation == STOP_CHILD && !has_ended) {
            message->next = child->calls;
            child->calls = message;
        } else if (call->operation == STOP_CHILD) {
            answer(self, message, 0, NULL);
        } else {
            answer(self, message, reason, has_ended ? NULL : child);
        }
        message = next;
    }
}

void mio_supervisor_answer_up(struct mio_supervisor *self,
                              struct mio_child *child)
{
    answer_calls(self, child, false, 0);
}

void mio_supervisor_answer_ended(struct mio_supervisor *self,
                                 struct mio_child *child, int reason)
{
    /* Who ended in order without ever being up did not start all the same. */
    answer_calls(self, child, true, reason < 0 ? reason : MIO_EDEAD);
}

/* --- what is done -------------------------------------------------------- */

static void await(struct mio_child *child, struct mio_message *message)
{
    message->next = child->calls;
    child->calls = message;
}

static void run_start(struct mio_supervisor *self, struct mio_message *message)
{
    struct call *call = mio_message_payload(message);
    struct mio_child *child;
    call->spec.argument = call + 1;
    int result = mio_supervisor_add(self, &call->spec, true, &child);
    if (result < 0) {
        answer(self, message, result, NULL);
        return;
    }
    await(child, message);
    mio_child_start(child);
}

static void run_stop(struct mio_supervisor *self, struct mio_message *message)
{
    const struct call *call = mio_message_payload(message);
    struct mio_child *child = mio_slab_get(&self->children, call->key);
    if (child == NULL || mio_child_is_down(child)) {
        answer(self, message, child == NULL ? MIO_ENOENT : 0, NULL);
        return;
    }
    child->is_unwanted = true;
    await(child, message);
    mio_child_stop(child);
}

static void run_count(struct mio_supervisor *self, struct mio_message *message)
{
    count_children(self, make_answer(message, 0));
    send_answer(self->self->reactor, message->from, message);
}

static void run_which(struct mio_supervisor *self, struct mio_message *message)
{
    struct mio_reactor *reactor = self->self->reactor;
    uint32_t count = mio_slab_count(&self->children);
    size_t size = sizeof(struct mio_supervisor_answer) +
                  count * sizeof(struct mio_child_info);
    struct mio_message *large = size <= MIO_MESSAGE_SIZE_MAX
                                    ? mio_reactor_message_new(reactor, size)
                                    : NULL;
    struct mio_supervisor_answer *it =
        make_answer(message, large != NULL ? 0 : MIO_ENOMEM);
    count_children(self, it);
    if (large != NULL) {
        *(struct mio_supervisor_answer *)mio_message_payload(large) = *it;
        large->to = message->to;
        it = mio_message_payload(large);
        for (const struct mio_child *child = self->first; child != NULL;
             child = child->next)
            infos_of(it)[it->infos_count++] = info_of(child);
        send_answer(reactor, message->from, large);
        mio_reactor_message_free(reactor, message);
        return;
    }
    send_answer(reactor, message->from, message);
}

static void run_call(struct mio_supervisor *self, struct mio_message *message)
{
    const struct call *call = mio_message_payload(message);
    switch (call->operation) {
    case START_CHILD:
        run_start(self, message);
        break;
    case STOP_CHILD:
        run_stop(self, message);
        break;
    case COUNT:
        run_count(self, message);
        break;
    case WHICH:
        run_which(self, message);
        break;
    }
}

/* --- calls --------------------------------------------------------------- */

static void handle_call(struct mio_reactor *reactor, struct mio_actor *to,
                        struct mio_message *message)
{
    if (to == NULL || to->actor_class != mio_supervisor_class()) {
        answer_code(reactor, message, to == NULL ? MIO_EDEAD : MIO_EINVAL);
        return;
    }
    struct mio_supervisor *self = mio_actor_state(to);
    if (self->phase != MIO_SUPERVISOR_STEADY) {
        message->next = NULL;
        *self->waiting_tail = message;
        self->waiting_tail = &message->next;
        return;
    }
    run_call(self, message);
    mio_reactor_settle(reactor, to, 0);
}

static struct mio_message *take_waiting(struct mio_supervisor *self)
{
    struct mio_message *message = self->waiting;
    self->waiting = message->next;
    if (self->waiting == NULL)
        self->waiting_tail = &self->waiting;
    return message;
}

void mio_supervisor_run_waiting(struct mio_supervisor *self)
{
    while (self->waiting != NULL && self->phase == MIO_SUPERVISOR_STEADY)
        run_call(self, take_waiting(self));
}

void mio_supervisor_refuse_waiting(struct mio_supervisor *self)
{
    struct mio_reactor *reactor = self->self->reactor;
    while (self->waiting != NULL)
        answer_code(reactor, take_waiting(self), MIO_EDEAD);
    for (struct mio_child *child = self->first; child != NULL;
         child = child->next) {
        while (child->calls != NULL) {
            struct mio_message *message = child->calls;
            child->calls = message->next;
            answer_code(reactor, message, MIO_EDEAD);
        }
    }
}

static const struct mio_system_type call_type = {
    .base = {.name = "supervisor's call"},
    .handle = handle_call,
};

static int send_call(struct mio_actor *self, mio_actor_id supervisor,
                     const struct call *call)
{
    struct mio_reactor *reactor = self->reactor;
    int result =
        mio_send_check(reactor->common, supervisor, call->spec.argument_size);
    if (result < 0)
        return result;
    struct mio_message *message = mio_system_new(
        reactor, &call_type, sizeof(*call) + call->spec.argument_size);
    if (message == NULL)
        return MIO_ENOMEM;
    struct call *sent = mio_message_payload(message);
    *sent = *call;
    if (call->spec.argument_size > 0)
        memcpy(sent + 1, call->spec.argument, call->spec.argument_size);
    mio_system_send(reactor, self->id, supervisor, &call_type, message);
    return 0;
}

int mio_supervisor_start_child(struct mio_actor *self, mio_actor_id supervisor,
                               const struct mio_child_spec *spec,
                               uint64_t token)
{
    if ((spec->actor_class != NULL) == (spec->supervisor != NULL))
        return MIO_EINVAL;
    struct call call = {
        .operation = START_CHILD, .token = token, .spec = *spec};
    return send_call(self, supervisor, &call);
}

int mio_supervisor_stop_child(struct mio_actor *self, mio_actor_id supervisor,
                              uint64_t key, uint64_t token)
{
    struct call call = {.operation = STOP_CHILD, .token = token, .key = key};
    return send_call(self, supervisor, &call);
}

int mio_supervisor_count(struct mio_actor *self, mio_actor_id supervisor,
                         uint64_t token)
{
    struct call call = {.operation = COUNT, .token = token};
    return send_call(self, supervisor, &call);
}

int mio_supervisor_which(struct mio_actor *self, mio_actor_id supervisor,
                         uint64_t token)
{
    struct call call = {.operation = WHICH, .token = token};
    return send_call(self, supervisor, &call);
}
