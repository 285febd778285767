/* The runtime's interface to its hosts: the command's launcher (main.c) and Python (vm/host). */
#ifndef MYNA_API_H
#define MYNA_API_H
#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define MYNA_EXPORT __declspec(dllexport)
#else
#define MYNA_EXPORT __attribute__((visibility("default")))
#endif

typedef struct RunOptions {
    size_t heap_limit;          /* bytes; 0: none */
    const char *gc_modes;       /* "stress,verify,move" in any mix, or NULL */
    const char *stack_mode;     /* "stress" or NULL */
    int stats;                  /* print counts to standard error at the end */
    const char *format;         /* of errors: "text" (or NULL) or "json" */
    int argc;
    char **argv;                /* the program's own arguments */
    const char *program_path;
} RunOptions;

/* Exit statuses. */
enum { MYNA_OK = 0, MYNA_ERROR = 1, MYNA_USAGE = 2, MYNA_CANNOT_LOAD = -1, MYNA_REJECTED = 70, MYNA_SIGNALLED = 128, MYNA_INTERRUPTED = 130, MYNA_PIPE = 141 };
/* Added to the status of a session's run that has called exit. */
enum { MYNA_EXITED = 256 };

/* A size in bytes as users write it, digits and perhaps one of the units k, M, G; `unit` is what counts without one. 0: it is none. */
size_t myna_size(const char *text, size_t unit);

/* Load, verify and run a program in the binary form of compiler/bytecode/codec.py. Prints errors and, when asked, statistics itself.
 * Gives the exit status: MYNA_REJECTED when the bytes are not a valid program of this version. MYNA_CANNOT_LOAD is none: the program calls
 * C, and this process can load no libraries; nothing was printed. */
MYNA_EXPORT int myna_run_file_bytes(const RunOptions *options, const uint8_t *program, size_t length);
/* Only load and verify; 0, or MYNA_REJECTED with the reason in `why`. */
MYNA_EXPORT int myna_verify_bytes(const uint8_t *program, size_t length, char *why, size_t size);
/* Stop the program that is running, if any. May be called from a signal handler. */
MYNA_EXPORT void myna_interrupt(void);

/* A session: it runs one program after another, with what those before have made. */
typedef struct Session Session;
MYNA_EXPORT Session *myna_session_new(const RunOptions *options);      /* NULL: no memory */
MYNA_EXPORT void myna_session_end(Session *session);
/* Load a program whose numbers of functions, classes and globals go on where those of the session end. MYNA_OK, or MYNA_REJECTED with the
 * reason in `why`. */
MYNA_EXPORT int myna_session_load(Session *session, const uint8_t *program, size_t length, char *why, size_t size);
/* Run the program that was loaded last. Prints an uncaught error itself; the exit status, with MYNA_EXITED when the program chose it. SIGINT
 * and SIGTERM stop it. */
MYNA_EXPORT int myna_session_run(Session *session, const RunOptions *options);
/* The bytes of the string in a global, good until the next call; NULL: there is none. */
MYNA_EXPORT const char *myna_session_text(Session *session, uint32_t global, size_t *length);
/* Write the type of the value in a global, cut to `size`; MYNA_ERROR: it has no value. */
MYNA_EXPORT int myna_session_type(Session *session, uint32_t global, char *out, size_t size);
/* Take a global its value. */
MYNA_EXPORT void myna_session_clear(Session *session, uint32_t global);
/* From now on a function that captures nothing does what another one of the same type does, wherever it is known. */
MYNA_EXPORT void myna_session_replace(Session *session, uint32_t number, uint32_t by);

/* The name of this build: what caches are keyed by. */
MYNA_EXPORT const char *myna_build(void);
/* The version number that stands in compiled files. */
MYNA_EXPORT uint32_t myna_file_version(void);
#endif
