/* The `myna` command: command.c (arguments, files, running), launch.c (starting Python), program_cache.c. */
#ifndef MYNA_COMMAND_H
#define MYNA_COMMAND_H
#include <stdbool.h>
#include "api.h"

/* Runs the command and gives its exit status. What is not running a program is handed to Python's myna.tools, in place of
 * this process. */
MYNA_EXPORT int myna_command(int argc, char **argv);

typedef struct Bytes { uint8_t *data; size_t length; } Bytes;

/* A program to run: its text (or compiled form), what messages call it, and its language: "ms", "classic", "mitbc". */
typedef struct Source { const char *name, *kind; Bytes text; } Source;

/* Everything that `fd` holds, in memory from malloc; false with errno set. */
bool read_all(int fd, Bytes *out);
/* True once the user has asked to stop. */
bool command_interrupted(void);

/* --- launch.c --- */
/* Compile with Python; the compiler's answer in *out: see take_program. Gives the exit status; messages have been printed. `entry`: the
 * path of the program's entry in the cache, beside which the compiler keeps modules, or NULL. `apart`: the memory
 * and time that the compiler takes are not added to this process's, as they are for other children. */
int launch_compiler(const char *self, const Source *source, const char *format, const char *entry, bool apart, Bytes *out);
/* Become Python's myna.tools with these arguments. Returns only on failure, with the exit status. */
int launch_tools(const char *self, char **arguments);

/* Become the loader, which runs this compiled program with the same arguments and can load libraries. Returns only on failure, with
 * the exit status. */
#define LOADED_COMMAND "_loaded"        /* the loader's subcommand: the number of the file with the program, then arguments */
int launch_loader(const char *self, char **arguments, Bytes program);

/* --- program_cache.c --- */
/* The folder of the cache; false when there is none to use. */
bool cache_folder(char *path, size_t size);
/* The path of the cache entry for a source; false when there is no cache to use. */
bool cache_path(const Source *source, char *path, size_t size);
/* The program of an entry, if all that it was made of is as it was. */
bool cache_load(const char *path, Bytes *out);
/* Keep a compiler's answer. */
void cache_store(const char *path, Bytes answer);
/* Leave only the program of a compiler's answer. */
bool take_program(Bytes *answer);
#endif
