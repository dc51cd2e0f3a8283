/* SPDX-License-Identifier: MIT
 *
 * examples/loop_curl.h - libcurl's transfers, any number at once, within an
 * event loop.
 *
 * libcurl keeps its sockets and its clock to itself. It tells which of them to
 * watch, and when to call it at the latest: the two callbacks in loop_curl.c.
 * The loop tells it when that has come: the last two functions here. */
#ifndef MIO_EXAMPLES_LOOP_CURL_H
#define MIO_EXAMPLES_LOOP_CURL_H

#include <curl/curl.h>

#include "core/event_loop.h"

/* A transfer, already removed from the multi handle, and how it ended. */
typedef void loop_curl_done(void *ctx, CURL *easy, CURLcode result);

struct loop_curl {
    CURLM *multi; /* start transfers with curl_multi_add_handle */
    /* private */
    struct mio_event_loop *loop;
    uint64_t tag;
    mio_key timeout;
    loop_curl_done *done;
    void *ctx;
};

/** Begin; `tag`, below 2^31, stands in the upper half of each of its tokens, so
 *  that others can use the loop, too. Then curl_global_init was called.
 *  Returns CURLM_OK | CURLM_OUT_OF_MEMORY. */
CURLMcode loop_curl_init(struct loop_curl *self, struct mio_event_loop *loop,
                         uint64_t tag, loop_curl_done *done, void *ctx);

/** End, when no transfer is in it any more. */
void loop_curl_deinit(struct loop_curl *self);

/** An event, or a timeout, has its tag.
 *  Returns CURLM_OK | what libcurl said: nothing goes on then. */
CURLMcode loop_curl_ready(struct loop_curl *self,
                          const struct mio_event *event);
CURLMcode loop_curl_timeout(struct loop_curl *self);

#endif /* MIO_EXAMPLES_LOOP_CURL_H */
