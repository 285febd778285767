/* Starting Python: the compiler as a child, or everything else in place of this process.
 *
 * Python is found as $MYNA_PYTHON with the script $MYNA_TOOLS (set when Python started us), else by the script `myna-compile`
 * beside the launcher, as `myna-load` is: where its file is, then where it was called, then on the search path. The child gets the text on standard input, so that what is
 * compiled is what was hashed, and answers on standard output: a word, its exit status, then the compiled bytes. Its messages
 * go straight to the user. Tools find the cache's folder in $MYNA_CACHE. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <mach-o/dyld.h>
#endif
#include "build_id.h"
#include "command.h"

extern char **environ;
enum { MAX_ARGUMENTS = 16 };
#define COMPILE "myna-compile"
#define LOADER "myna-load"

static bool own_path(char *path, size_t size) {
#if defined(__APPLE__)
    uint32_t room = (uint32_t)size;
    char given[PATH_MAX];
    return _NSGetExecutablePath(given, &(uint32_t){sizeof given}) == 0 && room >= PATH_MAX && realpath(given, path);
#else
    ssize_t length = readlink("/proc/self/exe", path, size - 1);
    if (length > 0) path[length] = 0;
    return length > 0;
#endif
}

/* `path` with its last part replaced by `name`; false when there is no such program. */
static bool sibling(char *path, size_t size, const char *name) {
    char *slash = strrchr(path, '/');
    if (!slash) return false;
    size_t used = (size_t)(slash + 1 - path);
    return (size_t)snprintf(slash + 1, size - used, "%s", name) < size - used && access(path, X_OK) == 0;
}

/* Fill in how to start myna.tools; the number of arguments taken. */
static int python_command(const char *self, char **arguments, char *path, size_t size) {
    char *python = getenv("MYNA_PYTHON"), *tools = getenv("MYNA_TOOLS");
    if (python && *python && tools && *tools) {
        arguments[0] = python;
        arguments[1] = "-P";    /* the user's folder may hold a json.py of its own */
        arguments[2] = tools;
        return 3;
    }
    bool found = own_path(path, size) && sibling(path, size, COMPILE);
    if (!found) found = (size_t)snprintf(path, size, "%s", self) < size && sibling(path, size, COMPILE);
    if (!found) snprintf(path, size, COMPILE);
    arguments[0] = path;
    return 1;
}

static int cannot_start(const char *program, int error) {
    fprintf(stderr, "myna: cannot start %s: %s\n", program, strerror(error));
    return MYNA_ERROR;
}

int launch_tools(const char *self, char **arguments) {
    char path[PATH_MAX];
    size_t count = 0;
    while (arguments[count]) count++;
    char **command = calloc(count + MAX_ARGUMENTS, sizeof *command);
    if (!command) return cannot_start("Python", ENOMEM);
    int used = python_command(self, command, path, sizeof path);
    memcpy(command + used, arguments, count * sizeof *arguments);
    char cache[PATH_MAX];
    setenv("MYNA_CACHE", cache_folder(cache, sizeof cache) ? cache : "", 1);
    signal(SIGPIPE, SIG_DFL);
    execvp(command[0], command);
    return cannot_start(command[0], errno);
}

static void send_text(int fd, Bytes text) {
    for (size_t sent = 0; sent < text.length;) {
        ssize_t n = write(fd, text.data + sent, text.length - sent);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return;
        sent += (size_t)n;
    }
}

/* A file without a name that holds these bytes, good for the program that this process becomes; -1: there is no room. */
static int nameless_file(Bytes bytes) {
#if defined(SYS_memfd_create)
    int fd = (int)syscall(SYS_memfd_create, "program", 0);      /* in memory; not all C libraries have a function for it */
#else
    char path[] = "/tmp/myna-XXXXXX";
    int fd = mkstemp(path);
    if (fd >= 0) unlink(path);
#endif
    if (fd < 0) return -1;
    send_text(fd, bytes);
    if (lseek(fd, 0, SEEK_CUR) == (off_t)bytes.length && lseek(fd, 0, SEEK_SET) == 0) return fd;
    close(fd);
    return -1;
}

int launch_loader(const char *self, char **arguments, Bytes program) {
    char path[PATH_MAX], number[16];
    bool found = own_path(path, sizeof path) && sibling(path, sizeof path, LOADER);
    if (!found) found = (size_t)snprintf(path, sizeof path, "%s", self) < sizeof path && sibling(path, sizeof path, LOADER);
    if (!found) snprintf(path, sizeof path, LOADER);
    size_t count = 0;
    while (arguments[count]) count++;
    char **command = calloc(count + 4, sizeof *command);
    int fd = command ? nameless_file(program) : -1;
    if (fd < 0) return cannot_start(LOADER, ENOMEM);
    snprintf(number, sizeof number, "%d", fd);
    command[0] = (char *)self;
    command[1] = LOADED_COMMAND;
    command[2] = number;
    memcpy(command + 3, arguments, count * sizeof *arguments);
    signal(SIGPIPE, SIG_DFL);
    execvp(path, command);
    int error = errno;
    fprintf(stderr, "myna: the program calls C, which needs the system's C library (glibc) and %s\n", LOADER);
    return cannot_start(path, error);
}

/* Start `command` with pipes for its standard input and output; 0, or the error. */
static int start(char **command, pid_t *child, int *to, int *from) {
    int in[2], out[2];
    if (pipe(in) < 0) return errno;
    if (pipe(out) < 0) {
        int error = errno;
        close(in[0]), close(in[1]);
        return error;
    }
    fcntl(in[1], F_SETFD, FD_CLOEXEC);
    fcntl(out[0], F_SETFD, FD_CLOEXEC);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_addclose(&actions, in[0]);
    posix_spawn_file_actions_addclose(&actions, out[1]);
    int error = posix_spawnp(child, command[0], &actions, NULL, command, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]), close(out[1]);
    if (error) close(in[1]), close(out[0]);
    *to = in[1];
    *from = out[0];
    return error;
}

/* Take the status word from the front of the answer; no answer is a compiler that was stopped. */
static int take_status(Bytes *answer) {
    uint32_t status;
    if (answer->length < sizeof status) {
        if (command_interrupted()) return MYNA_INTERRUPTED;
        fprintf(stderr, "myna: the compiler ended without an answer\n");
        return MYNA_ERROR;
    }
    memcpy(&status, answer->data, sizeof status);
    answer->length -= sizeof status;
    memmove(answer->data, answer->data + sizeof status, answer->length);
    return (int)status;
}

int launch_compiler(const char *self, const Source *source, const char *format, const char *entry, bool apart, Bytes *out) {
    char path[PATH_MAX], *command[MAX_ARGUMENTS] = {0};
    int used = python_command(self, command, path, sizeof path);
    command[used++] = "_compile";
    command[used++] = (char *)source->kind;
    command[used++] = (char *)format;
    command[used++] = (char *)source->name;
    if (entry) command[used++] = (char *)entry, command[used++] = BUILD_ID;
    if (apart) signal(SIGCHLD, SIG_IGN);
    pid_t child;
    int to, from, error = start(command, &child, &to, &from);
    if (error) return cannot_start(command[0], error);
    send_text(to, source->text);
    close(to);
    bool ok = read_all(from, out);
    close(from);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
    if (apart) signal(SIGCHLD, SIG_DFL);
    if (ok) return take_status(out);
    return command_interrupted() ? MYNA_INTERRUPTED : cannot_start("the program", ENOMEM);
}
