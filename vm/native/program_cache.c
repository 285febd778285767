/* Compiled programs, kept between runs.
 *
 * An entry is named by a digest of the compiler's build, the language, the name and the text of a program. It holds a checksum of
 * what follows: the list of the other files that the compiler read or looked for in vain, with digests of what it found, and the
 * compiled bytes. It is used when all of them are still so; otherwise the program is compiled anew. Entries appear in one step (written
 * aside, then renamed), a damaged one counts as missing, and a cache that cannot be written is a cache that is not there.
 * The compiler keeps modules in the same folder (compiler/units/store.py), which are swept with the programs. */
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
#include "digest.h"

enum {
    KEY_DIGITS = 2 * DIGEST_BYTES,      /* hexadecimal digits that every name in the cache begins with */
    FULL = 64 << 20,            /* bytes of entries from which the oldest are dropped ... */
    KEEP = 48 << 20,            /* ... down to this many, so that it happens seldom */
    SWEEP_EVERY = 16,           /* the size is looked at on one in so many writes: it costs a stat for each entry */
    TOUCH_AFTER = 86400,        /* seconds after which use renews an entry's age */
};

#define SUFFIX ".mynac"

static void add_text(DigestState *s, const char *text) { digest_add(s, text, strlen(text) + 1); }

bool cache_folder(char *path, size_t size) {
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
    DigestState s;
    digest_start(&s);
    add_text(&s, BUILD_ID);
    add_text(&s, source->kind);
    add_text(&s, source->name);
    digest_add(&s, source->text.data, source->text.length);
    Digest key = digest_end(&s);
    size_t used = strlen(path);
    if (size - used < 1 + KEY_DIGITS + sizeof SUFFIX) return false;
    path[used++] = '/';
    for (int i = 0; i < DIGEST_BYTES; i++) used += (size_t)snprintf(path + used, 3, "%02x", key.bytes[i]);
    memcpy(path + used, SUFFIX, sizeof SUFFIX);
    return true;
}

/* Does the file still hold what it held; an import that found no file there, is there still none? */
static bool unchanged(const char *path, const uint8_t *digest) {
    static const uint8_t absent[DIGEST_BYTES];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool none = !memcmp(digest, absent, DIGEST_BYTES);
    if (fd < 0 || none) {
        if (fd >= 0) close(fd);
        return fd < 0 && none;
    }
    Bytes text;
    bool ok = read_all(fd, &text);
    close(fd);
    if (!ok) return false;
    Digest now = digest_of(text.data, text.length);
    free(text.data);
    return !memcmp(now.bytes, digest, DIGEST_BYTES);
}

/* Where the program begins in an answer of the compiler: behind the list of what it read besides the program's own text, each a
 * digest and a path that ends with a zero byte. 0: damaged. `check`: 0 also when one of them has changed. */
static size_t program_start(Bytes answer, bool check) {
    uint32_t length;
    if (answer.length < sizeof length) return 0;
    memcpy(&length, answer.data, sizeof length);
    if (length > answer.length - sizeof length || (length && answer.data[sizeof length + length - 1])) return 0;
    const uint8_t *at = answer.data + sizeof length, *end = at + length;
    while (check && at < end) {
        if (end - at <= DIGEST_BYTES || !unchanged((const char *)at + DIGEST_BYTES, at)) return 0;
        at += DIGEST_BYTES + strlen((const char *)at + DIGEST_BYTES) + 1;
    }
    return sizeof length + length;
}

static bool drop_front(Bytes *bytes, size_t count) {
    bytes->length -= count;
    memmove(bytes->data, bytes->data + count, bytes->length);
    return true;
}

bool take_program(Bytes *answer) {
    size_t start = program_start(*answer, false);
    return start && drop_front(answer, start);
}

bool cache_load(const char *path, Bytes *out) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    struct stat about;
    Bytes entry = {NULL, 0};
    bool ok = fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && read_all(fd, &entry) && entry.length > DIGEST_BYTES;
    close(fd);
    if (ok) {
        Digest actual = digest_of(entry.data + DIGEST_BYTES, entry.length - DIGEST_BYTES);
        size_t start = 0;
        ok = !memcmp(actual.bytes, entry.data, DIGEST_BYTES) && drop_front(&entry, DIGEST_BYTES)
            && (start = program_start(entry, true)) && drop_front(&entry, start);
    }
    if (!ok) {
        free(entry.data);
        return false;
    }
    if (time(NULL) - about.st_mtime > TOUCH_AFTER) utimensat(AT_FDCWD, path, NULL, 0);
    *out = entry;
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

void cache_store(const char *path, Bytes answer) {
    char folder[4096], aside[4096 + 32];
    snprintf(folder, sizeof folder, "%s", path);
    if (!make_folders(folder)) return;
    snprintf(aside, sizeof aside, "%s.%ld", path, (long)getpid());
    int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return;
    Digest checksum = digest_of(answer.data, answer.length);
    bool ok = write_all(fd, checksum.bytes, DIGEST_BYTES) && write_all(fd, answer.data, answer.length);
    ok = close(fd) == 0 && ok;
    if (!ok || rename(aside, path) < 0) unlink(aside);
    *strrchr(folder, '/') = 0;
    if (checksum.bytes[0] % SWEEP_EVERY == 0) sweep(folder);
}
