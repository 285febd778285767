/* The operating system Windows. See system.h; only standalone programs run there.
 *
 * Invariants: files are binary, so nothing is done to ends of lines; consoles get and give UTF-16, whatever their code page is. */
#define _CRT_RAND_S
#include "system.h"
#include <corecrt_startup.h>
#include <errno.h>
#include <io.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

/* --- memory --- */

/* Allocations begin at multiples of 64 KiB. */
void *system_map(size_t bytes, size_t alignment) {
    (void)alignment;
    return VirtualAlloc(NULL, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

void system_unmap(void *address, size_t bytes) { (void)bytes, VirtualFree(address, 0, MEM_RELEASE); }
void system_discard(void *address, size_t bytes) { VirtualAlloc(address, bytes, MEM_RESET, PAGE_READWRITE); }

/* Memory counts against what the system can promise as soon as it is committed, so the one reserved area is committed in steps, each when it
 * is first touched. */
enum { STEP = 1 << 16 };
static uint8_t *reserved;
static size_t reserved_bytes;

static LONG WINAPI commit_touched(EXCEPTION_POINTERS *about) {
    const EXCEPTION_RECORD *e = about->ExceptionRecord;
    if (e->ExceptionCode != EXCEPTION_ACCESS_VIOLATION) return EXCEPTION_CONTINUE_SEARCH;
    size_t at = (size_t)e->ExceptionInformation[1] - (uintptr_t)reserved;
    bool committed = at < reserved_bytes && VirtualAlloc(reserved + at / STEP * STEP, STEP, MEM_COMMIT, PAGE_READWRITE);
    return committed ? EXCEPTION_CONTINUE_EXECUTION : EXCEPTION_CONTINUE_SEARCH;
}

/* Address space is not limited there. */
void *system_reserve(size_t *bytes) {
    if (reserved) return NULL;
    reserved_bytes = (*bytes + STEP - 1) / STEP * STEP;
    reserved = VirtualAlloc(NULL, reserved_bytes, MEM_RESERVE, PAGE_READWRITE);
    return reserved && AddVectoredExceptionHandler(1, commit_touched) ? reserved : NULL;
}

/* A thread of its own has a stack that the system knows, which structured exceptions and probes of large frames need. */
typedef struct Thread { void (*run)(void *argument, char *lowest); void *argument; } Thread;

static DWORD WINAPI begin(void *argument) {
    enum { GUARD = 1 << 16 };
    const Thread *thread = argument;
    __asm__("fninit");                  /* threads begin with long double cut down to double */
    ULONG_PTR low, high;
    GetCurrentThreadStackLimits(&low, &high);
    thread->run(thread->argument, (char *)low + GUARD);
    return 0;
}

bool system_run(void **stack, size_t *bytes, void (*run)(void *argument, char *lowest), void *argument) {
    (void)stack;
    Thread thread = {run, argument};
    HANDLE handle = CreateThread(NULL, *bytes, begin, &thread, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    if (!handle) return false;
    WaitForSingleObject(handle, INFINITE);
    CloseHandle(handle);
    return true;
}

/* --- files --- */

enum { CONSOLE_UNITS = 4096, UTF8_MOST = 3 };       /* of UTF-16 at a time; bytes of UTF-8 that one of them may become */

/* Standard files are used by their handles; others, which system_file_windows.c opens, have numbers of the C library. */
static HANDLE handle_of(int file) { return GetStdHandle(STD_INPUT_HANDLE - (DWORD)file); }

bool system_is_terminal(int file) {
    DWORD mode;
    return file <= 2 && GetConsoleMode(handle_of(file), &mode);
}

/* Whole characters, unless the last one is cut already. */
static ptrdiff_t write_console(HANDLE console, const char *bytes, size_t length) {
    WCHAR text[CONSOLE_UNITS];
    int size = length < CONSOLE_UNITS ? (int)length : CONSOLE_UNITS;
    while (size < (ptrdiff_t)length && size > CONSOLE_UNITS - 4 && (bytes[size] & 0xC0) == 0x80) size--;
    int units = MultiByteToWideChar(CP_UTF8, 0, bytes, size, text, CONSOLE_UNITS);
    return units && WriteConsoleW(console, text, (DWORD)units, &(DWORD){0}, NULL) ? size : -EIO;
}

/* A line that begins with Ctrl-Z is the end. */
static ptrdiff_t read_console(HANDLE console, char *bytes, size_t size) {
    enum { CONTROL_Z = 26 };
    WCHAR text[CONSOLE_UNITS];
    DWORD units = 0, most = size / UTF8_MOST < CONSOLE_UNITS ? (DWORD)(size / UTF8_MOST) : CONSOLE_UNITS;
    if (!ReadConsoleW(console, text, most, &units, NULL) || !units || text[0] == CONTROL_Z) return 0;
    return WideCharToMultiByte(CP_UTF8, 0, text, (int)units, bytes, (int)size, NULL, NULL);
}

ptrdiff_t system_write(int file, const void *bytes, size_t length) {
    DWORD written = 0;
    if (system_is_terminal(file)) return write_console(handle_of(file), bytes, length);
    unsigned most = length < (1u << 30) ? (unsigned)length : (1u << 30);
    if (file > 2) {
        int count = _write(file, bytes, most);
        return count > 0 ? count : -errno;
    }
    bool ok = WriteFile(handle_of(file), bytes, most, &written, NULL);
    return ok && written ? (ptrdiff_t)written : -EIO;
}

ptrdiff_t system_read(int file, void *bytes, size_t size) {
    DWORD got = 0;
    if (system_is_terminal(file)) return read_console(handle_of(file), bytes, size);
    unsigned most = size < (1u << 30) ? (unsigned)size : (1u << 30);
    if (file > 2) {
        int count = _read(file, bytes, most);
        return count >= 0 ? count : -errno;
    }
    return ReadFile(handle_of(file), bytes, most, &got, NULL) ? (ptrdiff_t)got : 0;
}

/* --- the process --- */

char *system_utf8(const wchar_t *text) {
    int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
    char *bytes = malloc((size_t)size);
    if (bytes) WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes, size, NULL, NULL);
    return bytes;
}

/* `main` gets them in the code page of the system, which lacks most characters. */
char **system_arguments(char **given) {
    if (_configure_wide_argv(_crt_argv_unexpanded_arguments)) return given;
    int count = *__p___argc();
    char **arguments = calloc((size_t)count + 1, sizeof(char *));
    for (int i = 0; arguments && i < count; i++)
        if (!(arguments[i] = system_utf8((*__p___wargv())[i]))) return given;
    return arguments ? arguments : given;
}

static void (*interrupted)(int);

static BOOL WINAPI on_control(DWORD event) {
    if (event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT) interrupted(SIGINT);
    if (event == CTRL_CLOSE_EVENT || event == CTRL_SHUTDOWN_EVENT) interrupted(SIGTERM);
    return FALSE;
}

void system_on_interrupt(void (*handler)(int)) {
    interrupted = handler;
    SetConsoleCtrlHandler(on_control, TRUE);
}

double system_cpu_seconds(void) {
    FILETIME begun, ended, kernel, user;
    if (!GetProcessTimes(GetCurrentProcess(), &begun, &ended, &kernel, &user)) return 0;
    uint64_t high = (uint64_t)kernel.dwHighDateTime + user.dwHighDateTime, low = (uint64_t)kernel.dwLowDateTime + user.dwLowDateTime;
    return (double)((high << 32) + low) / 1e7;      /* units of 100 ns */
}

void system_random(void *bytes, size_t length) {
    unsigned word;
    for (size_t at = 0; at < length && !rand_s(&word); at += sizeof word)
        memcpy((char *)bytes + at, &word, length - at < sizeof word ? length - at : sizeof word);
}

/* --- libraries: a standalone program has what it was linked with --- */

void *system_library(const char *name) { (void)name; return NULL; }
void *system_symbol(void *library, const char *name) { (void)library, (void)name; return NULL; }
const char *system_library_error(void) { return "standalone programs load none"; }
