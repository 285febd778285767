/* The environment, time, errors of the system, by way of Windows. See system.h.
 *
 * Invariant: no other programs are started there, which programs are told by ENOSYS. */
#define _CRT_RAND_S
#include "system.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

const char system_name[] = "windows";
#if defined(__aarch64__)
const char system_machine[] = "aarch64";
#else
const char system_machine[] = "x86_64";
#endif

bool system_entropy(void *bytes, size_t length) {
    unsigned word;
    for (size_t at = 0; at < length; at += sizeof word) {
        if (rand_s(&word)) return false;
        memcpy((char *)bytes + at, &word, length - at < sizeof word ? length - at : sizeof word);
    }
    return true;
}

int64_t system_now(void) {
    enum { UNIT = 100 };                            /* ns */
    FILETIME now;
    GetSystemTimePreciseAsFileTime(&now);
    uint64_t units = (uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime;
    return (int64_t)(units - UINT64_C(116444736000000000)) * UNIT;     /* from 1601 */
}

int64_t system_monotonic(void) {
    LARGE_INTEGER count, frequency;
    QueryPerformanceCounter(&count);
    QueryPerformanceFrequency(&frequency);
    return count.QuadPart / frequency.QuadPart * 1000000000 + count.QuadPart % frequency.QuadPart * 1000000000 / frequency.QuadPart;
}

void system_sleep(int64_t ns) {
    int64_t ms = (ns + 999999) / 1000000;
    Sleep(ms > 1 << 30 ? 1 << 30 : (DWORD)ms);
}

char *system_variable(const char *name) {
    wchar_t *wide = system_wide(name), *value = wide ? _wgetenv(wide) : NULL;
    free(wide);
    return value ? system_utf8(value) : NULL;
}

char *system_variable_at(uint32_t number) {
    wchar_t *all = GetEnvironmentStringsW(), *at = all;
    while (at && *at && number--) at += wcslen(at) + 1;
    char *text = at && *at ? system_utf8(at) : NULL;
    if (all) FreeEnvironmentStringsW(all);
    return text;
}

int system_set_variable(const char *name, const char *value) {
    wchar_t *wide = system_wide(name), *text = system_wide(value ? value : "");
    int code = wide && text ? -(int)_wputenv_s(wide, text) : -ENOMEM;
    free(wide);
    free(text);
    return code;
}

int64_t system_pid(void) { return GetCurrentProcessId(); }

int system_host(char *out, size_t size) {
    WCHAR name[MAX_COMPUTERNAME_LENGTH + 1];
    DWORD units = MAX_COMPUTERNAME_LENGTH + 1;
    if (!GetComputerNameW(name, &units)) return -EIO;
    return WideCharToMultiByte(CP_UTF8, 0, name, -1, out, (int)size, NULL, NULL) ? 0 : -EIO;
}

const char *system_error_text(int error) { return error == ENOSYS ? "not available on this system" : strerror(error); }

int64_t system_start(const Start *start) { (void)start; return -ENOSYS; }
int system_pipe(int ends[2]) { (void)ends; return -ENOSYS; }
int system_wait(int64_t pid, bool block) { (void)pid, (void)block; return -ENOSYS; }
int system_signal(int64_t pid, int number) { (void)pid, (void)number; return -ENOSYS; }
int system_ready(const int *files, const bool *writes, bool *ready, int count, int64_t ns) {
    (void)files, (void)writes, (void)ready, (void)count, (void)ns;
    return -ENOSYS;
}
