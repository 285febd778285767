/* Types as text: as the source writes them, for messages and for programs that ask.
 *
 * Invariant: the text is cut where the room ends, so a type of any size takes bounded time. */
#include "type.h"
#include "class.h"

typedef struct Text { char *next, *end; } Text;

static void put(Text *text, const char *bytes) {
    while (*bytes && text->next < text->end) *text->next++ = *bytes++;
}

static void put_name(Text *text, Value name) { put(text, (const char *)AS(String, name)->bytes); }

static void put_type(Text *text, const Type *t);

static void put_list(Text *text, const Type *const *types, uint32_t count) {
    for (uint32_t i = 0; i < count && text->next < text->end; i++) {
        if (i) put(text, ", ");
        put_type(text, types[i]);
    }
}

static void put_function(Text *text, const Type *t) {
    const Type *result = t->args[t->nargs - 1];
    put(text, t->optional ? "(fun(" : "fun(");
    put_list(text, t->args, t->nargs - 1u);
    put(text, ")");
    if (result->kind != KIND_NONE) put(text, ": "), put_type(text, result);
    if (t->optional) put(text, ")");
}

static void put_record(Text *text, const Type *t) {
    put(text, "{");
    for (uint32_t i = 0; i < t->nargs && text->next < text->end; i++) {
        if (i) put(text, ", ");
        put_name(text, t->names[i]);
        put(text, ": ");
        put_type(text, t->args[i]);
    }
    put(text, "}");
}

static void put_arguments(Text *text, const Type *t, uint32_t params) {
    if (!params) return;
    put(text, "<");
    put_list(text, t->args, t->nargs);
    for (uint32_t i = t->nargs; i < params; i++) put(text, i ? ", dynamic" : "dynamic");
    put(text, ">");
}

static void put_type(Text *text, const Type *t) {
    static const char *const names[KIND_COUNT] = {
        [KIND_DYNAMIC] = "dynamic", [KIND_NONE] = "None", [KIND_BOOL] = "bool", [KIND_INT] = "int", [KIND_FLOAT] = "float",
        [KIND_STRING] = "string", [KIND_FUNCTION] = "function", [KIND_RECORD] = "record", [KIND_LIST] = "List", [KIND_MAP] = "Map",
        [KIND_TUPLE] = "tuple", [KIND_CLASS] = "class", [KIND_NUMBER] = "number", [KIND_ERROR] = "Error", [KIND_RANGE] = "Range",
        [KIND_SET] = "Set", [KIND_BYTES] = "bytes", [KIND_BIGINT] = "bigint", [KIND_ARRAY] = "Array", [KIND_OBJECT] = "object",
        [KIND_NEVER] = "never", [KIND_TYPES] = "type arguments", [KIND_PARAM] = "type parameter", [KIND_I8] = "i8", [KIND_I16] = "i16",
        [KIND_I32] = "i32", [KIND_U8] = "u8", [KIND_U16] = "u16", [KIND_U32] = "u32", [KIND_U64] = "u64", [KIND_F32] = "f32", [KIND_TYPE] = "Type"};
    if (t->kind == KIND_FUNCTION && t->nargs) {
        put_function(text, t);
    } else if (t->kind == KIND_RECORD && t->nargs) {
        put_record(text, t);
    } else if (t->kind == KIND_TUPLE && t->nargs) {
        put(text, "(");
        put_list(text, t->args, t->nargs);
        put(text, ")");
    } else if (t->kind == KIND_CLASS) {
        put_name(text, t->class_->name);
        put_arguments(text, t, t->class_->nparams);
    } else {
        put(text, names[t->kind]);
        put_arguments(text, t, kind_params(t->kind));
    }
    if (t->optional) put(text, "?");
}

const char *type_text(const Type *t, char *out, size_t size) {
    enum { ELLIPSIS = 4 };
    Text text = {out, out + size - ELLIPSIS};
    put_type(&text, t);
    if (text.next == text.end) memcpy(text.next, "...", ELLIPSIS);
    else *text.next = 0;
    return out;
}

const char *type_kind(const Type *t) {
    static const char *const kinds[KIND_COUNT] = {
        [KIND_FUNCTION] = "function", [KIND_RECORD] = "record", [KIND_LIST] = "list", [KIND_MAP] = "map", [KIND_TUPLE] = "tuple",
        [KIND_SET] = "set", [KIND_ARRAY] = "array", [KIND_RANGE] = "range"};
    if (t->optional) return "optional";
    if (t->kind == KIND_CLASS && t->class_->is_interface) return "interface";
    if (t->kind == KIND_CLASS) return t->class_->structural ? "variant" : t->class_->is_error ? "error" : "class";
    return kinds[t->kind] ? kinds[t->kind] : "simple";
}
