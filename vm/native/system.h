/* What the operating system does, in one form for all systems: system.c for POSIX, system_windows.c in its place on Windows. */
#ifndef MYNA_SYSTEM_H
#define MYNA_SYSTEM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed memory at a multiple of `alignment`, a power of two up to 64 KiB; NULL: none left. */
void *system_map(size_t bytes, size_t alignment);
void system_unmap(void *address, size_t bytes);
void system_discard(void *address, size_t bytes);   /* gives the memory back, keeps the addresses; contents are lost */
/* *bytes of address space that turns into zeroed memory as it is used, until the program ends. Where there is less, only a quarter of that is taken,
 * since the heap wants some too, and *bytes says how much it is. NULL: there is next to none. */
void *system_reserve(size_t *bytes);
/* Run a function on the stack *stack of *bytes, or where that is NULL on one that is made of so many, or of less as above, and stays; it gets the
 * lowest address that it may use. Some systems make another one each time. False: there is next to none. */
bool system_run(void **stack, size_t *bytes, void (*run)(void *argument, char *lowest), void *argument);

/* What fails gives the negated number of an error, an `errno`.
 *
 * At least one byte is written to a file, or read; how many. Of reading, 0 is the end, -EINTR that a signal came first. */
ptrdiff_t system_write(int file, const void *bytes, size_t length);
ptrdiff_t system_read(int file, void *bytes, size_t size);
bool system_is_terminal(int file);

/* Files by their names, in UTF-8 where the system has others: system_file.c. */
enum OpenMode { OPEN_READ, OPEN_WRITE, OPEN_APPEND, OPEN_CREATE, OPEN_CHANGE, OPEN_PRIVATE };
/* CREATE: it must be new; PRIVATE: and for this user only; CHANGE: it must be there */
int system_open(const char *path, enum OpenMode mode);
int system_close(int file);
int64_t system_seek(int file, int64_t offset, int from);    /* from: 0 the beginning, 1 where it is, 2 the end; where it is now */
typedef struct FileInfo { int64_t kind, size, modified, mode; } FileInfo;      /* kind: a FileKind; modified: ns since 1970; mode: of POSIX */
enum FileKind { FILE_PLAIN, FILE_DIRECTORY, FILE_LINK, FILE_OTHER };
int system_info(const char *path, bool follow, FileInfo *out);
/* Call found(context, name) for each name in a directory, until that gives false. */
int system_list(const char *path, bool (*found)(void *context, const char *name), void *context);
int system_make_directory(const char *path, bool private);
int system_remove(const char *path, bool directory);
int system_rename(const char *from, const char *to);        /* takes the place of a file that is there */
int system_set_mode(const char *path, int mode);
char *system_directory(void);                               /* the current one, malloc'ed; NULL: there is none any more */
int system_enter(const char *path);
char *system_real_path(const char *path);                   /* absolute, without links, malloc'ed; NULL: errno says why */

/* The arguments of the program, in UTF-8, of those that `main` got. */
char **system_arguments(char **given);
/* The handler, which must not return, is called with SIGINT when the user interrupts the program, and with SIGTERM. Writes to what nobody reads fail. */
void system_on_interrupt(void (*handler)(int));
double system_cpu_seconds(void);
void system_random(void *bytes, size_t length);     /* differ in each run; these may all be zero where the system has none */

/* More of the process, and time: system_process.c. */
bool system_entropy(void *bytes, size_t length);    /* good enough for keys; false: the system has none */
int64_t system_now(void);                           /* ns since 1970, UTC */
int64_t system_monotonic(void);                     /* ns since some time; never goes back */
void system_sleep(int64_t ns);                      /* or until a signal comes */
char *system_variable(const char *name);            /* of the environment, malloc'ed; NULL: there is none */
char *system_variable_at(uint32_t number);          /* NAME=value; NULL: there are no more */
int system_set_variable(const char *name, const char *value);   /* NULL: remove it */
int64_t system_pid(void);
int system_host(char *out, size_t size);            /* the name of this machine */
extern const char system_name[], system_machine[];  /* "linux", "macos", "windows"; "x86_64", "aarch64" */
const char *system_error_text(int error);

/* Other programs. `files`: their standard input, output and error; -1: as this program's own. The process's number. */
typedef struct Start { char **arguments, **environment, *directory; int files[3]; } Start;
int64_t system_start(const Start *start);
int system_pipe(int ends[2]);                       /* to read from, to write to; programs that are started do not get them otherwise */
/* Its status when it has ended, 128 and more for a signal's number; -EAGAIN: it goes on; -EINTR. */
int system_wait(int64_t pid, bool block);
int system_signal(int64_t pid, int number);         /* 15: end; 9: at once */
/* Wait until one of the files is ready to be read, or written to without waiting, which `writes` says of each; sets ready[i]. */
int system_ready(const int *files, const bool *writes, bool *ready, int count, int64_t ns);     /* ns < 0: forever */

/* A library by its file name, or all that the program consists of; NULL: system_library_error says why. */
void *system_library(const char *name);
void *system_symbol(void *library, const char *name);
const char *system_library_error(void);             /* NULL: nothing is known */

#if defined(_WIN32)
/* Text of Windows, malloc'ed, from UTF-8 and to it; NULL: no memory, or it is none. */
wchar_t *system_wide(const char *text);
char *system_utf8(const wchar_t *text);
#endif
#endif
