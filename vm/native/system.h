/* What the operating system does, in one form for all systems: system.c for POSIX, system_windows.c in its place on Windows. */
#ifndef MYNA_SYSTEM_H
#define MYNA_SYSTEM_H
#include <stdbool.h>
#include <stddef.h>

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

/* At least one byte is written to one of the standard files, or read; how many. A failure to write is -1. Of reading, 0 is the end or a failure,
 * -1 that a signal came first. */
ptrdiff_t system_write(int file, const void *bytes, size_t length);
ptrdiff_t system_read(int file, void *bytes, size_t size);
bool system_is_terminal(int file);

/* The arguments of the program, in UTF-8, of those that `main` got. */
char **system_arguments(char **given);
/* The handler, which must not return, is called when the user interrupts the program. Writes to what nobody reads fail. */
void system_on_interrupt(void (*handler)(int));
double system_cpu_seconds(void);
void system_random(void *bytes, size_t length);     /* differ in each run; these may all be zero where the system has none */

/* A library by its file name, or all that the program consists of; NULL: system_library_error says why. */
void *system_library(const char *name);
void *system_symbol(void *library, const char *name);
const char *system_library_error(void);             /* NULL: nothing is known */
#endif
