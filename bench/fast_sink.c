/* A fast SMTP server that accepts mail and throws it away: what a sender is measured against.
 *
 *   fast_sink [--port N] [--no-chunking] [--no-pipelining] [--log FILE] [--until-eof]
 *
 * Listens on 127.0.0.1, prints "port N" (0 = one that is free) and ends at SIGTERM, with --until-eof also when
 * its input is closed, so that it never outlives whoever started it. --log: one line a recipient accepted, written
 * before the reply is sent.
 *
 * One thread, epoll. It is strict where a sender may go wrong: commands out of order are 503 (also MAIL in an
 * open transaction, as after a DATA without recipients: RFC 5321 §4.1.4), only CRLF "." CRLF ends DATA, and a BDAT
 * chunk is read to its last byte also where it is refused (RFC 3030 §2). Replies leave when everything that one read
 * brought is worked through, as real servers do it for groups of commands (RFC 2920 §3.2).
 *
 * A recipient that begins with "bad" is answered 550, with "tmp" 451. HELP tells how many messages were accepted.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_SIZE = 256 * 1024, LINE_SIZE = 4096, REPLY_HIGH = 64 * 1024, MOST_SIZE = 52428800 };

/* What the next byte of a session belongs to. */
enum reading { A_COMMAND, A_LONG_LINE, A_MESSAGE, A_CHUNK };

struct text {
    char *at;
    size_t size, room;
};

struct session {
    int socket;
    enum reading reading;
    int in_mail, in_chunks, failed; /* a transaction is open; by BDAT; a chunk of it was refused */
    int accepted;                   /* recipients of this transaction */
    int matched;                    /* how much of CRLF "." CRLF the message's last bytes are */
    int last;                       /* the chunk at hand is the last one */
    unsigned long long left;        /* bytes of the chunk at hand still to come */
    int leaving, watched;           /* 1: to be closed, 2: our side is; which events epoll watches */
    size_t line_size;
    char line[LINE_SIZE];
    struct text recipients, replies;
    size_t sent; /* of replies */
};

static int offer_chunking = 1, offer_pipelining = 1;
static int log_file = -1, poll_file;
static struct text log_lines;
static unsigned long long messages, bytes;
static volatile sig_atomic_t ended;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void add(struct text *text, const char *more, size_t size) {
    if (text->size + size > text->room) {
        text->room = (text->size + size) * 2 + 256;
        text->at = realloc(text->at, text->room);
        if (!text->at)
            die("memory");
    }
    memcpy(text->at + text->size, more, size);
    text->size += size;
}

__attribute__((format(printf, 2, 3))) static void say(struct session *s, const char *format, ...) {
    char line[256];
    va_list values;
    va_start(values, format);
    int size = vsnprintf(line, sizeof line - 2, format, values);
    va_end(values);
    memcpy(line + size, "\r\n", 2);
    add(&s->replies, line, (size_t)size + 2);
}

/* ---------------------------------------------------------------- transactions */

static void forget(struct session *s) {
    s->in_mail = s->in_chunks = s->failed = s->accepted = 0;
    s->recipients.size = 0;
}

static void accept_message(struct session *s) {
    messages++;
    if (log_file >= 0)
        add(&log_lines, s->recipients.at, s->recipients.size);
    say(s, "250 2.0.0 Ok: queued as %llu", messages);
    forget(s);
}

static void hello(struct session *s, int extended) {
    forget(s);
    if (!extended) {
        say(s, "250 fast-sink");
        return;
    }
    say(s, "250-fast-sink");
    if (offer_pipelining)
        say(s, "250-PIPELINING");
    if (offer_chunking)
        say(s, "250-CHUNKING");
    say(s, "250-8BITMIME");
    say(s, "250-ENHANCEDSTATUSCODES");
    say(s, "250 SIZE %d", MOST_SIZE);
}

/* The address between the angle brackets after "FROM:" or "TO:", NULL where there is none. */
static char *path_of(char *words, const char *keyword, char **rest) {
    size_t size = strlen(keyword);
    if (strncasecmp(words, keyword, size) != 0)
        return NULL;
    char *open = words + size + strspn(words + size, " ");
    char *shut = *open == '<' ? strchr(open, '>') : NULL;
    if (!shut)
        return NULL;
    *shut = 0;
    *rest = shut + 1;
    return open + 1;
}

static void mail_from(struct session *s, char *words) {
    char *rest = NULL, *size = NULL;
    if (s->in_mail)
        say(s, "503 5.5.1 Error: nested MAIL command");
    else if (!path_of(words, "FROM:", &rest))
        say(s, "501 5.5.4 Syntax: MAIL FROM:<address>");
    else if ((size = strcasestr(rest, " SIZE=")) && strtoull(size + 6, NULL, 10) > MOST_SIZE)
        say(s, "552 5.3.4 Message size exceeds fixed limit");
    else {
        s->in_mail = 1;
        say(s, "250 2.1.0 Ok");
    }
}

static void rcpt_to(struct session *s, char *words) {
    char *rest = NULL, *address;
    if (!s->in_mail)
        say(s, "503 5.5.1 Error: need MAIL command");
    else if (s->in_chunks)
        say(s, "503 5.5.1 Error: RCPT after BDAT");
    else if (!(address = path_of(words, "TO:", &rest)) || !*address)
        say(s, "501 5.5.4 Syntax: RCPT TO:<address>");
    else if (strncmp(address, "bad", 3) == 0)
        say(s, "550 5.1.1 No such user");
    else if (strncmp(address, "tmp", 3) == 0)
        say(s, "451 4.3.0 Try again later");
    else {
        s->accepted++;
        if (log_file >= 0) {
            add(&s->recipients, address, strlen(address));
            add(&s->recipients, "\n", 1);
        }
        say(s, "250 2.1.5 Ok");
    }
}

static void data(struct session *s) {
    if (!s->in_mail)
        say(s, "503 5.5.1 Error: need MAIL command");
    else if (s->in_chunks)
        say(s, "503 5.5.1 Error: DATA after BDAT");
    else if (!s->accepted)
        say(s, "554 5.5.1 Error: no valid recipients");
    else {
        say(s, "354 End data with <CR><LF>.<CR><LF>");
        s->reading = A_MESSAGE;
        s->matched = 2; /* the command's own line end counts: a message may be empty */
    }
}

/* A refused chunk leaves the transaction open: only RSET ends it (RFC 3030 §2). */
static void end_chunk(struct session *s) {
    s->reading = A_COMMAND;
    if (!s->in_mail)
        say(s, "503 5.5.1 Error: need MAIL command");
    else if (!s->accepted || s->failed) {
        s->failed = 1;
        say(s, "554 5.5.1 Error: no valid recipients");
    } else if (s->last)
        accept_message(s);
    else
        say(s, "250 2.0.0 Ok");
}

static void bdat(struct session *s, char *words) {
    char *rest = words;
    errno = 0;
    unsigned long long size = strtoull(words, &rest, 10);
    int last = strcasecmp(rest, " LAST") == 0;
    if (!offer_chunking)
        say(s, "502 5.5.1 Error: command not implemented");
    else if (*words < '0' || *words > '9' || errno || (*rest && !last)) {
        say(s, "501 5.5.4 Syntax: BDAT count [LAST]");
        s->leaving = 1; /* nobody knows where the next command begins */
    } else {
        s->in_chunks = s->in_mail;
        s->left = size;
        s->last = last;
        s->reading = A_CHUNK;
        if (!size)
            end_chunk(s);
    }
}

static int is(const char *line, const char *verb, char **words) {
    size_t size = strlen(verb);
    if (strncasecmp(line, verb, size) != 0 || (line[size] && line[size] != ' '))
        return 0;
    *words = (char *)line + size + strspn(line + size, " ");
    return 1;
}

static void command(struct session *s, char *line) {
    char *words = NULL;
    if (is(line, "MAIL", &words))
        mail_from(s, words);
    else if (is(line, "RCPT", &words))
        rcpt_to(s, words);
    else if (is(line, "DATA", &words))
        data(s);
    else if (is(line, "BDAT", &words))
        bdat(s, words);
    else if (is(line, "EHLO", &words) || is(line, "HELO", &words))
        hello(s, *line == 'E' || *line == 'e');
    else if (is(line, "RSET", &words)) {
        forget(s);
        say(s, "250 2.0.0 Ok");
    } else if (is(line, "NOOP", &words))
        say(s, "250 2.0.0 Ok");
    else if (is(line, "HELP", &words))
        say(s, "214 2.0.0 messages=%llu bytes=%llu", messages, bytes);
    else if (is(line, "VRFY", &words))
        say(s, "252 2.0.0 Cannot tell");
    else if (is(line, "QUIT", &words)) {
        say(s, "221 2.0.0 Bye");
        s->leaving = 1;
    } else
        say(s, "502 5.5.2 Error: command not recognized");
}

/* ---------------------------------------------------------------- bytes into commands, messages, chunks */

/* Each takes what is its own of `size` bytes and returns how many those were. */

static size_t take_command(struct session *s, const char *from, size_t size) {
    const char *end = memchr(from, '\n', size);
    size_t taken = end ? (size_t)(end - from) + 1 : size;
    if (s->reading == A_LONG_LINE || s->line_size + taken >= LINE_SIZE) {
        s->reading = end ? A_COMMAND : A_LONG_LINE;
        s->line_size = 0;
        if (end)
            say(s, "500 5.5.2 Error: line too long");
        return taken;
    }
    memcpy(s->line + s->line_size, from, taken);
    s->line_size += taken;
    if (!end)
        return taken;
    size_t length = s->line_size;
    while (length && strchr("\r\n ", s->line[length - 1]) && s->line[length - 1])
        length--;
    s->line[length] = 0;
    s->line_size = 0;
    command(s, s->line);
    return taken;
}

/* One byte of a message: how much of its end the last bytes are now. */
static int match(int matched, char byte) {
    static const char end[] = "\r\n.\r\n";
    if (byte == end[matched])
        return matched + 1;
    return byte == '\r' ? 1 : 0;
}

/* A full stop is rare, so looking for one is the quickest way past what cannot be the end. */
static size_t take_message(struct session *s, const char *from, size_t size) {
    size_t at = 0;
    while (at < size) {
        if (s->matched == 0) {
            const char *stop = memchr(from + at, '.', size - at);
            size_t next = stop ? (size_t)(stop - from) : size;
            size_t look = next - at > 2 ? next - 2 : at;
            for (at = look; at < next; at++)
                s->matched = match(s->matched, from[at]);
            if (at == size)
                break;
        }
        s->matched = match(s->matched, from[at++]);
        if (s->matched == 5) {
            s->matched = 0;
            s->reading = A_COMMAND;
            accept_message(s);
            break;
        }
    }
    return at;
}

static size_t take_chunk(struct session *s, size_t size) {
    size_t taken = size < s->left ? size : (size_t)s->left;
    s->left -= taken;
    if (!s->left)
        end_chunk(s);
    return taken;
}

static void take(struct session *s, const char *from, size_t size) {
    bytes += size;
    while (size && !s->leaving) {
        size_t taken;
        if (s->reading == A_MESSAGE)
            taken = take_message(s, from, size);
        else if (s->reading == A_CHUNK)
            taken = take_chunk(s, size);
        else
            taken = take_command(s, from, size);
        from += taken;
        size -= taken;
    }
}

/* ---------------------------------------------------------------- sockets */

static void hang_up(struct session *s) {
    close(s->socket);
    free(s->recipients.at);
    free(s->replies.at);
    free(s);
}

static void write_log(void) {
    size_t done = 0;
    while (done < log_lines.size) {
        ssize_t wrote = write(log_file, log_lines.at + done, log_lines.size - done);
        if (wrote < 0 && errno != EINTR)
            die("log");
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    log_lines.size = 0;
}

/* Who does not read its replies is not read either. Returns 0 where the session is over. */
static int send_replies(struct session *s) {
    while (s->sent < s->replies.size) {
        ssize_t wrote = send(s->socket, s->replies.at + s->sent, s->replies.size - s->sent, MSG_NOSIGNAL);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0 && errno == EAGAIN)
            break;
        if (wrote < 0)
            return 0;
        s->sent += (size_t)wrote;
    }
    size_t waiting = s->replies.size - s->sent;
    if (!waiting)
        s->replies.size = s->sent = 0;
    if (!waiting && s->leaving == 1) {
        s->leaving = 2;
        shutdown(s->socket, SHUT_WR); /* and wait for the other side: a close now could take back the reply */
    }
    int wanted = (waiting ? EPOLLOUT : 0) | (waiting < REPLY_HIGH ? EPOLLIN : 0);
    if (wanted != s->watched) {
        struct epoll_event event = {.events = (unsigned)wanted, .data.ptr = s};
        epoll_ctl(poll_file, EPOLL_CTL_MOD, s->socket, &event);
        s->watched = wanted;
    }
    return 1;
}

static void serve(struct session *s, unsigned events) {
    static char buffer[READ_SIZE];
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        ssize_t size = recv(s->socket, buffer, sizeof buffer, 0);
        if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) {
            hang_up(s);
            return;
        }
        if (size > 0)
            take(s, buffer, (size_t)size);
        if (log_lines.size)
            write_log();
    }
    if (!send_replies(s))
        hang_up(s);
}

static void greet_all(int listener) {
    int socket, on = 1;
    while ((socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct session *s = calloc(1, sizeof *s);
        if (!s)
            die("memory");
        s->socket = socket;
        s->watched = EPOLLIN;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = s};
        if (epoll_ctl(poll_file, EPOLL_CTL_ADD, socket, &event))
            die("epoll");
        say(s, "220 fast-sink ESMTP");
        if (!send_replies(s))
            hang_up(s);
    }
}

static int listen_on(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 1024))
        die("listen");
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("port %d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static void watch(int file, void *mark) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = mark};
    if (epoll_ctl(poll_file, EPOLL_CTL_ADD, file, &event))
        die("epoll");
}

static void end(int number) {
    (void)number;
    ended = 1;
}

static int options(int count, char **words, int *until_eof) {
    static const struct option known[] = {
        {"port", required_argument, NULL, 'p'}, {"no-chunking", no_argument, NULL, 'c'},
        {"no-pipelining", no_argument, NULL, 'n'}, {"log", required_argument, NULL, 'l'},
        {"until-eof", no_argument, NULL, 'e'}, {NULL, 0, NULL, 0},
    };
    int port = 0, found;
    while ((found = getopt_long(count, words, "", known, NULL)) != -1) {
        if (found == 'p')
            port = atoi(optarg);
        else if (found == 'c')
            offer_chunking = 0;
        else if (found == 'n')
            offer_pipelining = 0;
        else if (found == 'e')
            *until_eof = 1;
        else if (found == 'l') {
            log_file = open(optarg, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
            if (log_file < 0)
                die(optarg);
        } else
            exit(2);
    }
    return port;
}

int main(int count, char **words) {
    int until_eof = 0, port = options(count, words, &until_eof);
    struct sigaction action = {.sa_handler = end};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    poll_file = epoll_create1(EPOLL_CLOEXEC);
    int listener = listen_on(port);
    watch(listener, &listener);
    if (until_eof)
        watch(STDIN_FILENO, &until_eof);
    struct epoll_event events[256];
    while (!ended) {
        int found = epoll_wait(poll_file, events, 256, -1);
        for (int at = 0; at < found; at++) {
            char byte;
            if (events[at].data.ptr == &listener)
                greet_all(listener);
            else if (events[at].data.ptr == &until_eof)
                ended |= read(STDIN_FILENO, &byte, 1) == 0;
            else
                serve(events[at].data.ptr, events[at].events);
        }
    }
    return 0;
}
