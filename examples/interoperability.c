/* SPDX-License-Identifier: MIT
 *
 * examples/interoperability.c - libraries of others in one loop: c-ares looks
 * names up and libcurl fetches what is there, all at once. What joins the two
 * to the loop is in loop_ares.c and loop_curl.c.
 *
 *     python3 -m http.server
 *     ./bazelw run //examples:interoperability -- http://localhost:8000/ ...
 *
 * With -d ADDRESS:PORT before the URLs it asks that name server. */
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "examples/loop_ares.h"
#include "examples/loop_curl.h"

#define FETCHES_MAX 64

enum { OF_ARES, OF_CURL }; /* whose a token is */

struct program {
    struct mio_event_loop *loop;
    struct loop_ares ares;
    struct loop_curl curl;
    int open_count;
    int failed_count;
};

struct fetch {
    struct program *program;
    const char *url;
    CURL *easy;
    struct curl_slist *connect_to;
    size_t size;
};

/* `trouble` is NULL if it ended well. */
static void end(struct fetch *fetch, const char *trouble)
{
    long status = 0;
    (void)curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &status);
    if (trouble == NULL)
        printf("%s: status %ld, %zu bytes\n", fetch->url, status, fetch->size);
    else
        printf("%s: %s\n", fetch->url, trouble);
    curl_easy_cleanup(fetch->easy);
    curl_slist_free_all(fetch->connect_to);
    fetch->program->failed_count += trouble != NULL;
    if (--fetch->program->open_count == 0)
        mio_event_loop_shutdown(fetch->program->loop);
}

static size_t take(char *bytes, size_t size, size_t count, void *fetch)
{
    (void)bytes;
    ((struct fetch *)fetch)->size += size * count;
    return size * count;
}

/* libcurl has fetched it, or could not. */
static void fetched(void *ctx, CURL *easy, CURLcode result)
{
    char *fetch;
    (void)ctx;
    if (curl_easy_getinfo(easy, CURLINFO_PRIVATE, &fetch) == CURLE_OK)
        end((struct fetch *)(void *)fetch,
            result == CURLE_OK ? NULL : curl_easy_strerror(result));
}

/* c-ares knows where it is, or does not. Not with the name, with this address
 * libcurl shall connect. */
static void found(void *ctx, int status, int timeouts,
                  struct ares_addrinfo *info)
{
    struct fetch *fetch = ctx;
    char ip[64];
    char text[80];
    (void)timeouts;
    if (status != ARES_SUCCESS) {
        end(fetch, ares_strerror(status));
        return;
    }
    const struct ares_addrinfo_node *node = info->nodes;
    int rc = getnameinfo(node->ai_addr, node->ai_addrlen, ip, sizeof(ip), NULL,
                         0, NI_NUMERICHOST);
    (void)snprintf(text, sizeof(text), "::[%s]:", ip);
    ares_freeaddrinfo(info);
    fetch->connect_to = curl_slist_append(NULL, text);
    curl_easy_setopt(fetch->easy, CURLOPT_CONNECT_TO, fetch->connect_to);
    if (rc != 0 || fetch->connect_to == NULL ||
        curl_multi_add_handle(fetch->program->curl.multi, fetch->easy) !=
            CURLM_OK)
        end(fetch, "out of memory");
}

static void begin(struct fetch *fetch, struct program *program, const char *url)
{
    char *host = NULL;
    CURLU *parts = curl_url();
    *fetch = (struct fetch){
        .program = program, .url = url, .easy = curl_easy_init()};
    curl_easy_setopt(fetch->easy, CURLOPT_URL, url);
    curl_easy_setopt(fetch->easy, CURLOPT_PRIVATE, fetch);
    curl_easy_setopt(fetch->easy, CURLOPT_LOW_SPEED_LIMIT, 1L); /* byte/s */
    curl_easy_setopt(fetch->easy, CURLOPT_LOW_SPEED_TIME, 5L);
    curl_easy_setopt(fetch->easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(fetch->easy, CURLOPT_WRITEDATA, fetch);
    program->open_count++;
    if (curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
        host[strcspn(host, "]")] = '\0'; /* of "[::1]" */
        loop_ares_look_up(&program->ares, host + (*host == '['), found, fetch);
    } else {
        end(fetch, "not a URL with a host");
    }
    curl_free(host);
    curl_url_cleanup(parts);
}

static void check(struct program *program, CURLMcode rc)
{
    if (rc == CURLM_OK)
        return;
    fprintf(stderr, "libcurl: %s\n", curl_multi_strerror(rc));
    program->failed_count++;
    mio_event_loop_shutdown(program->loop);
}

static void ready(void *ctx, struct mio_event_loop *loop,
                  const struct mio_event *event)
{
    struct program *program = ctx;
    (void)loop;
    if (event->token.value >> 32 == OF_ARES)
        loop_ares_ready(&program->ares, event);
    else
        check(program, loop_curl_ready(&program->curl, event));
}

static void timeout(void *ctx, struct mio_event_loop *loop, mio_token token)
{
    struct program *program = ctx;
    (void)loop;
    if (token.value >> 32 == OF_ARES)
        loop_ares_timeout(&program->ares);
    else
        check(program, loop_curl_timeout(&program->curl));
}

int main(int argc, char **argv)
{
    static const struct mio_handler handler = {.ready = ready,
                                               .timeout = timeout};
    static struct fetch fetches[FETCHES_MAX];
    struct program program = {.loop = NULL};
    int first = argc > 2 && strcmp(argv[1], "-d") == 0 ? 3 : 1;
    if (first >= argc || argc - first > FETCHES_MAX ||
        curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        mio_event_loop_new(&program.loop, NULL) < 0 ||
        loop_curl_init(&program.curl, program.loop, OF_CURL, fetched, NULL) !=
            CURLM_OK ||
        loop_ares_init(&program.ares, program.loop, OF_ARES) != ARES_SUCCESS ||
        (first == 3 && ares_set_servers_ports_csv(program.ares.channel,
                                                  argv[2]) != ARES_SUCCESS)) {
        fputs("usage: interoperability [-d ADDRESS:PORT] URL...\n", stderr);
        return 1;
    }
    for (int i = first; i < argc; i++)
        begin(&fetches[i - first], &program, argv[i]);
    int rc = mio_event_loop_run(program.loop, &handler, &program);
    loop_ares_deinit(&program.ares);
    loop_curl_deinit(&program.curl);
    mio_event_loop_free(program.loop);
    curl_global_cleanup();
    return rc < 0 || program.failed_count > 0;
}
