/* Streams: files as programs read and write them. */
#ifndef MYNA_STREAM_H
#define MYNA_STREAM_H
#include "prim.h"

/* What a primitive of the system gives when it fails: the error, negated. Those that succeed give no negative int. */
static inline bool give_int(Process *p, Value *result, int64_t code) { return give(result, int_value(p, code)); }
/* A new stream for an open file, which is closed when there is no memory; V_UNSET then. MAY_COLLECT RAISES */
Value stream_new(Process *p, int file);
/* The file of a stream that is open, or -1. */
int stream_file(Value stream);
/* The string in *slot as C wants it, malloc'ed; NULL: it is none, or has a NUL inside. MAY_COLLECT RAISES */
char *c_text(Process *p, Value *slot);
#endif
