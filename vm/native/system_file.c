/* Files by their names, by way of POSIX. See system.h.
 *
 * Invariant: programs that are started get no file from here. */
#define _GNU_SOURCE
#define _DARWIN_C_SOURCE
#include "system.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int checked(int result) { return result < 0 ? -errno : result; }

int system_open(const char *path, enum OpenMode mode) {
    static const int flags[] = {
        [OPEN_READ] = O_RDONLY, [OPEN_WRITE] = O_WRONLY | O_CREAT | O_TRUNC, [OPEN_APPEND] = O_WRONLY | O_CREAT | O_APPEND,
        [OPEN_CREATE] = O_WRONLY | O_CREAT | O_EXCL, [OPEN_CHANGE] = O_RDWR, [OPEN_PRIVATE] = O_WRONLY | O_CREAT | O_EXCL,
    };
    int file;
    do file = checked(open(path, flags[mode] | O_CLOEXEC, mode == OPEN_PRIVATE ? 0600 : 0666));
    while (file == -EINTR);
    return file;
}

int system_close(int file) { return checked(close(file)); }

int64_t system_seek(int file, int64_t offset, int from) {
    static const int whence[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    off_t at = lseek(file, offset, whence[from]);
    return at < 0 ? -errno : at;
}

int system_info(const char *path, bool follow, FileInfo *out) {
    struct stat s;
    if ((follow ? stat : lstat)(path, &s) < 0) return -errno;
#if defined(__APPLE__)
    struct timespec modified = s.st_mtimespec;
#else
    struct timespec modified = s.st_mtim;
#endif
    int kind = S_ISREG(s.st_mode) ? FILE_PLAIN : S_ISDIR(s.st_mode) ? FILE_DIRECTORY : S_ISLNK(s.st_mode) ? FILE_LINK : FILE_OTHER;
    *out = (FileInfo){kind, s.st_size, (int64_t)modified.tv_sec * 1000000000 + modified.tv_nsec, s.st_mode & 07777};
    return 0;
}

int system_list(const char *path, bool (*found)(void *context, const char *name), void *context) {
    DIR *all = opendir(path);
    if (!all) return -errno;
    bool more = true;
    errno = 0;
    for (struct dirent *each; more && (each = readdir(all)); errno = 0)
        if (strcmp(each->d_name, ".") && strcmp(each->d_name, "..")) more = found(context, each->d_name);
    int error = errno;
    closedir(all);
    return more ? -error : 0;
}

int system_make_directory(const char *path, bool private) { return checked(mkdir(path, private ? 0700 : 0777)); }
int system_remove(const char *path, bool directory) { return checked(directory ? rmdir(path) : unlink(path)); }
int system_rename(const char *from, const char *to) { return checked(rename(from, to)); }
int system_set_mode(const char *path, int mode) { return checked(chmod(path, (mode_t)mode)); }
char *system_directory(void) { return getcwd(NULL, 0); }
int system_enter(const char *path) { return checked(chdir(path)); }
/* Into memory of ours: old versions of the function, which programs may get, make none. */
char *system_real_path(const char *path) {
    char *out = malloc(PATH_MAX);
    if (out && realpath(path, out)) return out;
    int error = errno;
    free(out);
    errno = error;
    return NULL;
}
