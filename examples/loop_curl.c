/* SPDX-License-Identifier: MIT
 *
 * examples/loop_curl.c - a source around each socket of libcurl. They are
 * level-triggered: whether libcurl reads all that is there is its own affair.
 */
#include "examples/loop_curl.h"

#include <stdlib.h>

#include "core/clock.h"

static mio_token token_of(const struct loop_curl *self, curl_socket_t socket)
{
    return mio_token_of(self->tag << 32 | (uint32_t)socket);
}

/* A source around a socket that is new; libcurl keeps it for us. */
static struct mio_source *wrap(struct loop_curl *self, curl_socket_t socket)
{
    struct mio_source *source = malloc(sizeof(*source));
    if (source == NULL ||
        curl_multi_assign(self->multi, socket, source) != CURLM_OK) {
        free(source);
        return NULL;
    }
    mio_source_init(source, socket);
    return source;
}

/* CURLMOPT_SOCKETFUNCTION: watch a socket; differently; no more (before it is
 * closed, just as a poll wants it). Returns 0 | -1. */
static int watch(CURL *easy, curl_socket_t socket, int what, void *ctx,
                 void *ours)
{
    struct loop_curl *self = ctx;
    struct mio_source *source = ours != NULL ? ours : wrap(self, socket);
    mio_token token = token_of(self, socket);
    uint32_t interest = (what & CURL_POLL_IN ? MIO_READABLE : 0) |
                        (what & CURL_POLL_OUT ? MIO_WRITABLE : 0);
    (void)easy;
    if (source == NULL)
        return -1;
    if (what == CURL_POLL_REMOVE) {
        mio_source_deregister(source);
        free(source);
        return 0;
    }
    int rc = mio_source_is_registered(source)
                 ? mio_event_loop_reregister(self->loop, source, token,
                                             interest, MIO_LEVEL)
                 : mio_event_loop_register(self->loop, source, token, interest,
                                           MIO_LEVEL);
    return rc < 0 ? -1 : 0;
}

/* CURLMOPT_TIMERFUNCTION: call after so long, in place of what was said before;
 * negative: never. Returns 0 | -1. */
static int set_timer(CURLM *multi, long timeout_ms, void *ctx)
{
    struct loop_curl *self = ctx;
    (void)multi;
    (void)mio_event_loop_clear_timeout(self->loop, self->timeout);
    if (timeout_ms < 0)
        return 0;
    return mio_event_loop_set_timeout(self->loop, timeout_ms * MIO_NS_PER_MS,
                                      token_of(self, 0), &self->timeout) < 0
               ? -1
               : 0;
}

static CURLMcode act(struct loop_curl *self, curl_socket_t socket, int ready)
{
    int count;
    CURLMsg *message;
    CURLMcode rc = curl_multi_socket_action(self->multi, socket, ready, &count);
    while ((message = curl_multi_info_read(self->multi, &count)) != NULL) {
        CURL *easy = message->easy_handle; /* removing it ends the message */
        CURLcode result = message->data.result;
        curl_multi_remove_handle(self->multi, easy);
        self->done(self->ctx, easy, result);
    }
    return rc;
}

CURLMcode loop_curl_ready(struct loop_curl *self, const struct mio_event *event)
{
    return act(self, (curl_socket_t)(uint32_t)event->token.value,
               (mio_event_is_readable(event) ? CURL_CSELECT_IN : 0) |
                   (mio_event_is_writable(event) ? CURL_CSELECT_OUT : 0) |
                   (mio_event_is_error(event) ? CURL_CSELECT_ERR : 0));
}

CURLMcode loop_curl_timeout(struct loop_curl *self)
{
    return act(self, CURL_SOCKET_TIMEOUT, 0);
}

CURLMcode loop_curl_init(struct loop_curl *self, struct mio_event_loop *loop,
                         uint64_t tag, loop_curl_done *done, void *ctx)
{
    *self =
        (struct loop_curl){.loop = loop, .tag = tag, .done = done, .ctx = ctx};
    self->multi = curl_multi_init();
    if (self->multi == NULL)
        return CURLM_OUT_OF_MEMORY;
    curl_multi_setopt(self->multi, CURLMOPT_SOCKETFUNCTION, watch);
    curl_multi_setopt(self->multi, CURLMOPT_SOCKETDATA, self);
    curl_multi_setopt(self->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(self->multi, CURLMOPT_TIMERDATA, self);
    return CURLM_OK;
}

void loop_curl_deinit(struct loop_curl *self)
{
    (void)mio_event_loop_clear_timeout(self->loop, self->timeout);
    curl_multi_cleanup(self->multi);
}
