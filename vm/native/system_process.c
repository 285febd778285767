/* The environment, time, errors of the system and other programs, by way of POSIX. See system.h.
 *
 * Invariant: a program that is started begins with signals as they usually are, and with no files but its three standard ones. */
#define _GNU_SOURCE
#define _DARWIN_C_SOURCE
#include "system.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

#if defined(__APPLE__)
const char system_name[] = "macos";
#else
const char system_name[] = "linux";
#endif
#if defined(__aarch64__)
const char system_machine[] = "aarch64";
#else
const char system_machine[] = "x86_64";
#endif

/* --- the process --- */

bool system_entropy(void *bytes, size_t length) {
    int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    bool ok = file >= 0 && read(file, bytes, length) == (ssize_t)length;
    if (file >= 0) close(file);
    return ok;
}

static int64_t clock_ns(clockid_t which) {
    struct timespec now;
    clock_gettime(which, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t system_now(void) { return clock_ns(CLOCK_REALTIME); }
int64_t system_monotonic(void) { return clock_ns(CLOCK_MONOTONIC); }

void system_sleep(int64_t ns) {
    struct timespec span = {.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000)};
    nanosleep(&span, NULL);
}

char *system_variable(const char *name) {
    const char *value = getenv(name);
    return value ? strdup(value) : NULL;
}

char *system_variable_at(uint32_t number) {
    for (char **at = environ; at && *at; at++)
        if (!number--) return strdup(*at);
    return NULL;
}

int system_set_variable(const char *name, const char *value) {
    return (value ? setenv(name, value, 1) : unsetenv(name)) < 0 ? -errno : 0;
}

int64_t system_pid(void) { return getpid(); }
int system_host(char *out, size_t size) { return gethostname(out, size) < 0 ? -errno : 0; }

const char *system_error_text(int error) { return strerror(error); }

/* --- other programs --- */

#if defined(__GLIBC__)
/* Where the C library is older than this function, no program begins in another directory. */
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path) __attribute__((weak));
#endif
static int enter(posix_spawn_file_actions_t *actions, const char *path) {
#if defined(__GLIBC__)
    if (!posix_spawn_file_actions_addchdir_np) return ENOSYS;
#endif
    return posix_spawn_file_actions_addchdir_np(actions, path);
}

static int prepare(const Start *start, posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes) {
    sigset_t changed;
    int error = 0;
    for (int i = 0; i < 3 && !error; i++)
        if (start->files[i] >= 0) error = posix_spawn_file_actions_adddup2(actions, start->files[i], i);
    if (!error && start->directory) error = enter(actions, start->directory);
    sigemptyset(&changed);
    sigaddset(&changed, SIGPIPE);
    sigaddset(&changed, SIGINT);
    if (!error) error = posix_spawnattr_setsigdefault(attributes, &changed);
    return error ? error : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF);
}

int64_t system_start(const Start *start) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    pid_t pid = 0;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    int error = prepare(start, &actions, &attributes);
    if (!error) error = posix_spawnp(&pid, start->arguments[0], &actions, &attributes, start->arguments, start->environment ? start->environment : environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error ? -error : pid;
}

int system_pipe(int ends[2]) {
    if (pipe(ends) < 0) return -errno;
    for (int i = 0; i < 2; i++) fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    return 0;
}

int system_wait(int64_t pid, bool block) {
    int status;
    pid_t ended = waitpid((pid_t)pid, &status, block ? 0 : WNOHANG);
    if (ended <= 0) return ended < 0 ? -errno : -EAGAIN;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int system_signal(int64_t pid, int number) { return kill((pid_t)pid, number) < 0 ? -errno : 0; }

int system_ready(const int *files, const bool *writes, bool *ready, int count, int64_t ns) {
    enum { MOST = 3 };
    struct pollfd polled[MOST];
    if (count > MOST) return -EINVAL;
    for (int i = 0; i < count; i++) polled[i] = (struct pollfd){.fd = files[i], .events = writes[i] ? POLLOUT : POLLIN};
    int64_t ms = ns < 0 ? -1 : (ns + 999999) / 1000000;
    if (poll(polled, (nfds_t)count, ms > 1 << 30 ? 1 << 30 : (int)ms) < 0) return -errno;
    for (int i = 0; i < count; i++) ready[i] = polled[i].revents != 0;
    return 0;
}
