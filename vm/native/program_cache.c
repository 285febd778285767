/* Compiled programs, kept between runs.
 *
 * An entry is named by a hash of the compiler's build, the language, the name and the text of a program, so it is never out
 * of date: it is used or forgotten. It holds a checksum of the compiled bytes, then these. Entries appear in one step (written
 * aside, then renamed), a damaged one counts as missing, and a cache that cannot be written is a cache that is not there. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "build_id.h"
#include "command.h"

enum {
    KEY_DIGITS = 32,            /* hexadecimal digits that every name in the cache begins with */
    FULL = 64 << 20,            /* bytes of entries from which the oldest are dropped ... */
    KEEP = 48 << 20,            /* ... down to this many, so that it happens seldom */
    SWEEP_EVERY = 16,           /* the size is looked at on one in so many writes: it costs a stat for each entry */
    TOUCH_AFTER = 86400,        /* seconds after which use renews an entry's age */
};

/* FNV-1a in 128 bits. Not against an adversary: whoever can place a program here can run it anyway. */
typedef unsigned __int128 Hash;
#define HASH_START ((Hash)0x6c62272e07bb0142u << 64 | 0x62b821756295c58du)
#define HASH_PRIME ((Hash)1 << 88 | 0x13b)

static Hash hash_add(Hash h, const void *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) h = (h ^ ((const uint8_t *)bytes)[i]) * HASH_PRIME;
    return h;
}

static Hash hash_text(Hash h, const char *text) { return hash_add(h, text, strlen(text) + 1); }

static bool cache_folder(char *path, size_t size) {
    const char *own = getenv("MYNA_CACHE"), *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int length;
    if (own) length = snprintf(path, size, "%s", own);
    else if (xdg && *xdg == '/') length = snprintf(path, size, "%s/myna", xdg);
    else if (home && *home == '/') length = snprintf(path, size, "%s/.cache/myna", home);
    else return false;
    return length > 0 && (size_t)length < size;
}

bool cache_path(const Source *source, char *path, size_t size) {
    if (!cache_folder(path, size)) return false;
    Hash h = hash_text(HASH_START, BUILD_ID);
    h = hash_text(h, source->kind);
    h = hash_text(h, source->name);
    h = hash_add(h, source->text.data, source->text.length);
    size_t used = strlen(path);
    int length = snprintf(path + used, size - used, "/%016llx%016llx.mynac", (unsigned long long)(h >> 64), (unsigned long long)h);
    return length > 0 && (size_t)length < size - used;
}

bool cache_load(const char *path, Bytes *out) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    struct stat about;
    Bytes entry = {NULL, 0};
    bool ok = fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && read_all(fd, &entry) && entry.length > sizeof(Hash);
    close(fd);
    if (ok) {
        Hash stored, actual = hash_add(HASH_START, entry.data + sizeof stored, entry.length - sizeof stored);
        memcpy(&stored, entry.data, sizeof stored);
        ok = stored == actual;
    }
    if (!ok) {
        free(entry.data);
        return false;
    }
    if (time(NULL) - about.st_mtime > TOUCH_AFTER) utimensat(AT_FDCWD, path, NULL, 0);
    out->length = entry.length - sizeof(Hash);
    out->data = memmove(entry.data, entry.data + sizeof(Hash), out->length);
    return true;
}

static bool make_folders(char *path) {
    for (char *at = path + 1; (at = strchr(at, '/')); at++) {
        *at = 0;
        bool made = mkdir(path, 0700) == 0 || errno == EEXIST;
        *at = '/';
        if (!made) return false;
    }
    return true;
}

static bool write_all(int fd, const void *bytes, size_t length) {
    for (const char *at = bytes; length;) {
        ssize_t n = write(fd, at, length);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        at += n;
        length -= (size_t)n;
    }
    return true;
}

typedef struct Entry { char name[KEY_DIGITS + 32]; time_t used; off_t size; } Entry;

static int older_first(const void *a, const void *b) {
    time_t x = ((const Entry *)a)->used, y = ((const Entry *)b)->used;
    return (x > y) - (x < y);
}

/* Only what has a name of ours is ever removed, wherever MYNA_CACHE points. */
static bool is_ours(const char *name) {
    return strspn(name, "0123456789abcdef") == KEY_DIGITS && !strncmp(name + KEY_DIGITS, ".mynac", 6) && strlen(name) < sizeof(((Entry *)0)->name);
}

static Entry *list_entries(DIR *folder, size_t *count) {
    Entry *entries = NULL;
    size_t capacity = *count = 0;
    for (struct dirent *found; (found = readdir(folder));) {
        struct stat about;
        if (!is_ours(found->d_name) || fstatat(dirfd(folder), found->d_name, &about, AT_SYMLINK_NOFOLLOW) < 0) continue;
        if (*count == capacity) {
            Entry *more = realloc(entries, (capacity = capacity * 2 + 64) * sizeof *entries);
            if (!more) break;
            entries = more;
        }
        Entry *entry = &entries[(*count)++];
        strcpy(entry->name, found->d_name);
        entry->used = about.st_mtime;
        entry->size = about.st_size;
    }
    return entries;
}

static void sweep(const char *path) {
    DIR *folder = opendir(path);
    if (!folder) return;
    size_t count;
    Entry *entries = list_entries(folder, &count);
    off_t total = 0;
    for (size_t i = 0; i < count; i++) total += entries[i].size;
    if (total > FULL) {
        qsort(entries, count, sizeof *entries, older_first);
        for (size_t i = 0; i < count && total > KEEP; i++)
            if (unlinkat(dirfd(folder), entries[i].name, 0) == 0) total -= entries[i].size;
    }
    free(entries);
    closedir(folder);
}

void cache_store(const char *path, Bytes program) {
    char folder[4096], aside[4096 + 32];
    snprintf(folder, sizeof folder, "%s", path);
    if (!make_folders(folder)) return;
    snprintf(aside, sizeof aside, "%s.%ld", path, (long)getpid());
    int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return;
    Hash checksum = hash_add(HASH_START, program.data, program.length);
    bool ok = write_all(fd, &checksum, sizeof checksum) && write_all(fd, program.data, program.length);
    ok = close(fd) == 0 && ok;
    if (!ok || rename(aside, path) < 0) unlink(aside);
    *strrchr(folder, '/') = 0;
    if ((unsigned)checksum % SWEEP_EVERY == 0) sweep(folder);
}
