/* Files by their names, by way of Windows' C library. See system.h.
 *
 * Invariants: files are binary; programs that are started get none of them. Names are UTF-16 there. */
#include "system.h"
#include <direct.h>
#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <share.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <windows.h>

wchar_t *system_wide(const char *text) {
    int size = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
    wchar_t *wide = size ? malloc((size_t)size * sizeof *wide) : NULL;
    if (wide) MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, size);
    else errno = ENOMEM;
    return wide;
}

static int checked(int result) { return result < 0 ? -errno : result; }

/* What a function of the C library gives for one path. */
static int with_path(const char *path, int (*act)(const wchar_t *path)) {
    wchar_t *wide = system_wide(path);
    int result = checked(wide ? act(wide) : -1);
    free(wide);
    return result;
}

int system_open(const char *path, enum OpenMode mode) {
    static const int flags[] = {
        [OPEN_READ] = _O_RDONLY, [OPEN_WRITE] = _O_WRONLY | _O_CREAT | _O_TRUNC, [OPEN_APPEND] = _O_WRONLY | _O_CREAT | _O_APPEND,
        [OPEN_CREATE] = _O_WRONLY | _O_CREAT | _O_EXCL, [OPEN_CHANGE] = _O_RDWR, [OPEN_PRIVATE] = _O_WRONLY | _O_CREAT | _O_EXCL,
    };
    wchar_t *wide = system_wide(path);
    int file = checked(wide ? _wopen(wide, flags[mode] | _O_BINARY | _O_NOINHERIT, _S_IREAD | _S_IWRITE) : -1);
    free(wide);
    return file;
}

int system_close(int file) { return checked(_close(file)); }

int64_t system_seek(int file, int64_t offset, int from) {
    int64_t at = _lseeki64(file, offset, from);
    return at < 0 ? -errno : at;
}

/* There, links are what they lead to. */
int system_info(const char *path, bool follow, FileInfo *out) {
    struct _stat64 s;
    (void)follow;
    wchar_t *wide = system_wide(path);
    int code = checked(wide ? _wstat64(wide, &s) : -1);
    free(wide);
    if (code) return code;
    int kind = s.st_mode & _S_IFREG ? FILE_PLAIN : s.st_mode & _S_IFDIR ? FILE_DIRECTORY : FILE_OTHER;
    *out = (FileInfo){kind, s.st_size, (int64_t)s.st_mtime * 1000000000, s.st_mode & 0777};
    return 0;
}

int system_list(const char *path, bool (*found)(void *context, const char *name), void *context) {
    struct _wfinddata64_t each;
    size_t length = strlen(path);
    char *pattern = malloc(length + 3);
    if (!pattern) return -ENOMEM;
    memcpy(pattern, path, length);
    memcpy(pattern + length, "/*", 3);
    wchar_t *wide = system_wide(pattern);
    intptr_t all = wide ? _wfindfirst64(wide, &each) : -1;
    int error = errno;
    free(pattern);
    free(wide);
    if (all < 0) return -error;
    bool more = true;
    do {
        char *name = system_utf8(each.name);
        if (name && strcmp(name, ".") && strcmp(name, "..")) more = found(context, name);
        free(name);
    } while (more && !_wfindnext64(all, &each));
    _findclose(all);
    return 0;
}

int system_make_directory(const char *path, bool private) { (void)private; return with_path(path, _wmkdir); }
int system_remove(const char *path, bool directory) { return with_path(path, directory ? _wrmdir : _wunlink); }
int system_enter(const char *path) { return with_path(path, _wchdir); }

int system_rename(const char *from, const char *to) {
    wchar_t *old = system_wide(from), *new = system_wide(to);
    int code = -ENOMEM;
    if (old && new) {
        code = 0;
        if (!MoveFileExW(old, new, MOVEFILE_REPLACE_EXISTING)) code = GetLastError() == ERROR_FILE_NOT_FOUND ? -ENOENT : -EACCES;
    }
    free(old);
    free(new);
    return code;
}

int system_set_mode(const char *path, int mode) {
    wchar_t *wide = system_wide(path);
    int code = checked(wide ? _wchmod(wide, mode & (_S_IREAD | _S_IWRITE)) : -1);
    free(wide);
    return code;
}

static char *narrow(wchar_t *wide) {
    char *text = wide ? system_utf8(wide) : NULL;
    free(wide);
    return text;
}

char *system_directory(void) { return narrow(_wgetcwd(NULL, 0)); }

char *system_real_path(const char *path) {
    wchar_t *wide = system_wide(path);
    char *made = wide && _waccess(wide, 0) == 0 ? narrow(_wfullpath(NULL, wide, 0)) : NULL;
    free(wide);
    return made;
}
