/* A longer way to a server: everything is passed on a fixed time after it came, in both directions.
 *
 *   delay_proxy --to PORT --ms DELAY [--port N] [--until-eof]
 *
 * Listens on 127.0.0.1 and prints "port N" (0 = one that is free). DELAY is one way, so a question and its answer
 * take 2 × DELAY more. Ends at SIGTERM, with --until-eof also when its input is closed.
 *
 * As the delay is the same for all, what came first is due first: one queue and one timer serve every connection.
 * A direction that holds more than WINDOW bytes is not read until some have left. What it does not do: delay TCP's
 * own handshake, lose packets, or limit the rate.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { READ_SIZE = 256 * 1024, WINDOW = 16 * 1024 * 1024 };

struct end;

/* Bytes on their way to one end; size 0 tells that no more will come. */
struct parcel {
    struct parcel *next;
    struct end *to;
    long long due; /* nanoseconds of the monotonic clock */
    size_t size, sent;
    char bytes[];
};

struct queue {
    struct parcel *first, **last;
};

/* One socket of a pair. */
struct end {
    int socket;
    struct end *other;
    struct queue arrived;     /* due, and not yet taken by the socket */
    size_t held;              /* bytes for this end, on their way or arrived */
    int on_the_way;           /* parcels for this end in the common queue */
    int read_out, closed;     /* nothing more comes from it; nothing more goes to it */
    int watched, gone;
    struct end *next_gone;
};

static long long delay;
static int poll_file, timer_file, target_port;
static struct queue under_way = {NULL, &under_way.first};
static struct end *gone_ends;
static volatile sig_atomic_t ended;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static long long clock_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void put(struct queue *queue, struct parcel *parcel) {
    parcel->next = NULL;
    *queue->last = parcel;
    queue->last = &parcel->next;
}

static struct parcel *get(struct queue *queue) {
    struct parcel *parcel = queue->first;
    queue->first = parcel->next;
    if (!queue->first)
        queue->last = &queue->first;
    return parcel;
}

static void set_timer(void) {
    struct itimerspec when = {{0, 0}, {0, 0}};
    if (under_way.first) {
        long long due = under_way.first->due;
        when.it_value.tv_sec = due / 1000000000LL;
        when.it_value.tv_nsec = due % 1000000000LL;
    }
    timerfd_settime(timer_file, TFD_TIMER_ABSTIME, &when, NULL);
}

/* ---------------------------------------------------------------- pairs of sockets */

static void watch(struct end *end) {
    int reads = !end->read_out && end->other->held < WINDOW;
    int wanted = (reads ? EPOLLIN : 0) | (end->arrived.first ? EPOLLOUT : 0);
    if (end->gone || wanted == end->watched)
        return;
    struct epoll_event event = {.events = (unsigned)wanted, .data.ptr = end};
    /* A socket that nothing is wanted of is taken out: that it hung up would be told for ever. */
    int change = !wanted ? EPOLL_CTL_DEL : end->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    epoll_ctl(poll_file, change, end->socket, &event);
    end->watched = wanted;
}

/* Close both sockets now; the memory goes when no parcel speaks of them any more. */
static void part(struct end *end) {
    if (end->gone)
        return;
    for (int side = 0; side < 2; side++, end = end->other) {
        if (end->gone)
            continue;
        close(end->socket);
        while (end->arrived.first)
            free(get(&end->arrived));
        end->gone = 1;
    }
    end->next_gone = gone_ends;
    gone_ends = end;
}

static void free_gone(void) {
    struct end **at = &gone_ends;
    while (*at) {
        struct end *end = *at;
        if (end->on_the_way || end->other->on_the_way) {
            at = &end->next_gone;
            continue;
        }
        *at = end->next_gone;
        free(end->other);
        free(end);
    }
}

/* Give the socket what has arrived for it, as far as it takes it. */
static void pass_on(struct end *end) {
    while (end->arrived.first && !end->gone) {
        struct parcel *parcel = end->arrived.first;
        if (!parcel->size) {
            shutdown(end->socket, SHUT_WR);
            end->closed = 1;
        } else {
            ssize_t sent = send(end->socket, parcel->bytes + parcel->sent, parcel->size - parcel->sent, MSG_NOSIGNAL);
            if (sent < 0 && (errno == EAGAIN || errno == EINTR))
                break;
            if (sent < 0) {
                part(end);
                return;
            }
            parcel->sent += (size_t)sent;
            end->held -= (size_t)sent;
            if (parcel->sent < parcel->size)
                continue;
        }
        free(get(&end->arrived));
    }
    if (end->closed && end->other->closed) {
        part(end);
        return;
    }
    watch(end);
    watch(end->other);
}

static void deliver_due(void) {
    long long now = clock_now();
    while (under_way.first && under_way.first->due <= now) {
        struct parcel *parcel = get(&under_way);
        struct end *to = parcel->to;
        to->on_the_way--;
        if (to->gone) {
            free(parcel);
            continue;
        }
        put(&to->arrived, parcel);
        pass_on(to);
    }
    set_timer();
}

static void send_off(struct end *to, const char *bytes, size_t size) {
    struct parcel *parcel = malloc(sizeof *parcel + size);
    if (!parcel)
        die("memory");
    parcel->to = to;
    parcel->due = clock_now() + delay;
    parcel->size = size;
    parcel->sent = 0;
    memcpy(parcel->bytes, bytes, size);
    to->held += size;
    to->on_the_way++;
    int idle = !under_way.first;
    put(&under_way, parcel);
    if (idle)
        set_timer();
}

static void serve(struct end *end, unsigned events) {
    static char buffer[READ_SIZE];
    if (end->gone)
        return;
    if (events & EPOLLOUT)
        pass_on(end);
    if (end->gone || end->read_out || !(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        return;
    ssize_t size = recv(end->socket, buffer, sizeof buffer, 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size < 0) {
        part(end);
        return;
    }
    end->read_out = size == 0;
    send_off(end->other, buffer, (size_t)size);
    watch(end);
}

/* ---------------------------------------------------------------- connections */

static struct sockaddr_in local(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static struct end *new_end(int socket) {
    struct end *end = calloc(1, sizeof *end);
    int on = 1;
    if (!end)
        die("memory");
    end->socket = socket;
    end->arrived.last = &end->arrived.first;
    end->watched = EPOLLIN;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return end;
}

static void pair(int near) {
    struct sockaddr_in address = local(target_port);
    int far = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (connect(far, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS) {
        close(far);
        close(near);
        return;
    }
    struct end *ends[2] = {new_end(near), new_end(far)};
    for (int side = 0; side < 2; side++) {
        ends[side]->other = ends[1 - side];
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = ends[side]};
        if (epoll_ctl(poll_file, EPOLL_CTL_ADD, ends[side]->socket, &event))
            die("epoll");
    }
}

static int listen_on(int port) {
    struct sockaddr_in address = local(port);
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 1024))
        die("listen");
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("port %d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static void add_watch(int file, void *mark) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = mark};
    if (epoll_ctl(poll_file, EPOLL_CTL_ADD, file, &event))
        die("epoll");
}

static void end_at(int number) {
    (void)number;
    ended = 1;
}

static int options(int count, char **words, int *until_eof) {
    static const struct option known[] = {
        {"port", required_argument, NULL, 'p'}, {"to", required_argument, NULL, 't'},
        {"ms", required_argument, NULL, 'm'}, {"until-eof", no_argument, NULL, 'e'},
        {NULL, 0, NULL, 0},
    };
    int port = 0, found;
    while ((found = getopt_long(count, words, "", known, NULL)) != -1) {
        if (found == 'p')
            port = atoi(optarg);
        else if (found == 't')
            target_port = atoi(optarg);
        else if (found == 'm')
            delay = (long long)(atof(optarg) * 1e6);
        else if (found == 'e')
            *until_eof = 1;
        else
            exit(2);
    }
    return port;
}

static void look(struct epoll_event *event, int *listener, int *until_eof) {
    char bytes[8];
    int socket;
    if (event->data.ptr == listener) {
        while ((socket = accept4(*listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
            pair(socket);
    } else if (event->data.ptr == &timer_file) {
        if (read(timer_file, bytes, sizeof bytes) > 0)
            deliver_due();
    } else if (event->data.ptr == until_eof)
        ended |= read(STDIN_FILENO, bytes, 1) == 0;
    else
        serve(event->data.ptr, event->events);
}

int main(int count, char **words) {
    int until_eof = 0, port = options(count, words, &until_eof);
    struct sigaction action = {.sa_handler = end_at};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    poll_file = epoll_create1(EPOLL_CLOEXEC);
    timer_file = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    int listener = listen_on(port);
    add_watch(listener, &listener);
    add_watch(timer_file, &timer_file);
    if (until_eof)
        add_watch(STDIN_FILENO, &until_eof);
    struct epoll_event events[256];
    while (!ended) {
        int found = epoll_wait(poll_file, events, 256, -1);
        for (int at = 0; at < found; at++)
            look(&events[at], &listener, &until_eof);
        free_gone();
    }
    return 0;
}
