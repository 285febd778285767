"""A compiled module: what the linker needs of it, what importers need, when it is out of date; and its bytes.

In:  a `lower.Lowered`, the words of an image, what the module depends on. Out: `Unit`; `encode`, `decode`.
Holds: code is in the words of `bytecode.codec`, with numbers of the unit's own; `places` says where they are. Its own functions and
classes have the first numbers, those of other modules follow; of the functions the first `core` are always part of a program, the
others when something needs them.

The bytes: a digest of what follows; the number of sections; their lengths in words; the sections. `ABOUT`, plain data, is written as
an image is.
"""
import sys
from array import array
from itertools import accumulate

from myna.compiler.bytecode import codec

from myna.compiler.lower.functions import Foreign
from myna.compiler.units.image import Image, Writer

MACHINE = 0xFFFFFFFF    # in place of a module: a class of the machine, by the number of its name
SHOWN_KINDS = 8         # more than there are kinds of what is shown, see `lower.functions`


class Damaged(ValueError):
    """The bytes are not a unit."""


class Names:
    """The strings of a section, decoded when somebody asks for one."""

    def __init__(self, words):
        self.words = words
        self.texts = None

    def __getitem__(self, number):
        if self.texts is None:
            self.texts = [*map(codec.record_string, records(self.words))]
        return self.texts[number]


def strings_section(strings):
    """The words of strings: their count, the length of the record of each in words, the records."""
    parts = [*map(codec.string_record, strings)]
    words = array("I", [len(parts), *[len(part) // 4 for part in parts]])
    words.frombytes(b"".join(parts))
    return words


def records(section):
    """The records of the strings of a section."""
    first = section[0] + 1
    data, ends = section[first:].tobytes(), [*accumulate(section[1:first], initial=0)]
    return [data[4 * start:4 * end] for start, end in zip(ends, ends[1:])]


# The sections. Code: `strings`; `file`; `globals` (string numbers of its own ones); `functions`, `classes`, `types`, each followed by the
# places in it; `starts` of the functions that are not always needed, and where the last ends; other modules' functions (kind, module,
# row), classes (module, row; or MACHINE, string number) and globals; `shown` (kind, row, number).
CODE = ("strings", "file", "globals", "functions", "function_places", "classes", "class_places", "types", "type_places", "starts",
        "foreign_functions", "foreign_classes", "foreign_globals", "shown", "counts")
IMAGE = ("image_words", "image_offsets", "image_entries", "image_strings")
ABOUT = ("about_words", "about_strings")
SECTIONS = (*CODE, *IMAGE, *ABOUT)
COUNTS = ("core", "nfunctions", "nclasses")


class Unit:
    """See the module; its attributes are the SECTIONS, and what is `about` it: the `digest` of its image; `path`; `modules`, the paths of those that the sections
    number; `mentions`, those whose objects its image names; `members` that its text mentions; whether it `reflects`, mentions `type_of`; `imports`, what it imports, and the path
    that this was; `depends`, path -> digest of each image that it was compiled against; `methods` of built-in types, name -> function;
    `named`, `renamed` of `lower`."""

    def __init__(self):
        self.image = None           # Image, when somebody needs it

    def names(self, prefix=""):
        """The strings of the code or the image."""
        return Names(getattr(self, prefix + "strings"))


ABOUT_NAMES = ("digest", "path", "modules", "mentions", "members", "reflects", "imports", "depends", "methods", "named", "renamed")


def make(lowered, writer, entries, offsets, digest, **about):
    """The Unit of a lowered module, whose image `writer` has written. `digest` is a function."""
    unit, program = Unit(), lowered.program
    strings = {}
    functions, ours, others = numbers(program.functions)
    classes, our_classes, other_classes = numbers(program.classes)
    file, code, tables, types = [codec.Writer(strings, functions, classes) for _ in range(4)]
    codec.encode_file(program.files[0], file)
    unit.core = sum(function.__class__ is not Foreign for function in program.functions[:lowered.core])
    unit.starts = array("I")
    for number, function in enumerate(ours):
        if number >= unit.core:
            unit.starts.append(len(code.words))
        codec.encode_function(function, code)
    unit.starts.append(len(code.words))
    for class_ in our_classes:
        codec.encode_class(class_, tables)
        codec.encode_class_types(class_, types)
    unit.nfunctions, unit.nclasses = len(ours), len(our_classes)
    unit.file, unit.functions, unit.classes, unit.types = file.words, code.words, tables.words, types.words
    unit.function_places, unit.class_places, unit.type_places = map(joined, (code.places, tables.places, types.places))
    unit.globals = array("I", [strings.setdefault(name, len(strings)) for name in program.globals])
    place(unit, writer, strings, others, other_classes, lowered.globals)
    unit.shown = array("I", [word for (kind, row), number in lowered.shown.items()
                             for word in (kind + SHOWN_KINDS * row, (functions, classes, Same)[OF_KIND[kind]][number])])
    unit.strings = strings_section(strings)
    unit.image_words, unit.image_offsets = writer.words, offsets
    image_strings = writer.strings
    unit.image_entries = array("I", [word for name, at in entries for word in (image_strings.setdefault(name, len(image_strings)), at)])
    unit.image_strings = strings_section(image_strings)
    unit.methods = {name: functions[number] for name, number in lowered.methods.items()}
    unit.named = [(classes[call.class_], *call[1:]) for call in lowered.named]
    unit.renamed = [(tuple([classes[number] for number in each.above]), *each[1:]) for each in lowered.renamed]
    unit.modules = [image.path for image in writer.modules]
    unit.mentions = [image.path for image in writer.mentions]
    for name, value in about.items():
        setattr(unit, name, value)
    text = "\0".join(["", *unit.modules]).encode("utf-8", "surrogateescape")
    unit.digest = digest(b"".join([getattr(unit, name).tobytes() for name in IMAGE] + [text])).hex()
    return unit


Same = codec.Same()
OF_KIND = (0, 0, 0, 1, 2)       # of what is shown: a function's number, a class's, a global's


def numbers(table):
    """The numbers that a table's entries get: the module's own first; the list of these, and the Foreign ones."""
    ours = [entry for entry in table if entry.__class__ is not Foreign]
    others = [entry for entry in table if entry.__class__ is Foreign]
    own, foreign = iter(range(len(ours))), iter(range(len(ours), len(table)))
    return [next(foreign if entry.__class__ is Foreign else own) for entry in table], ours, others


def place(unit, writer, strings, functions, classes, globals_):
    """Say where what is of other modules comes from."""
    unit.foreign_functions, unit.foreign_classes, unit.foreign_globals = array("I"), array("I"), array("I")
    for each in functions:
        image, row = writer.foreign[each.what]
        unit.foreign_functions.extend((each.kind, writer.module(image), row))
    for each in classes:
        if each.what.__class__ is str:
            unit.foreign_classes.extend((MACHINE, strings.setdefault(each.what, len(strings))))
        else:
            image, row = writer.foreign[each.what]
            unit.foreign_classes.extend((writer.module(image), row))
    for var in globals_:
        image, row = writer.foreign[var]
        unit.foreign_globals.extend((writer.module(image), row))


def joined(places):
    """Places of all kinds in one section: their counts, then they."""
    out = array("I", map(len, places))
    for each in places:
        out.extend(each)
    return out


def split(section):
    """The opposite."""
    ends = [*accumulate(section[:8], initial=8)]
    return [section[start:end] for start, end in zip(ends, ends[1:])]


# --- bytes ---

def encode(unit, digest):
    """The bytes of a unit; `digest` is a function."""
    writer = Writer({})
    writer.value([getattr(unit, name) for name in ABOUT_NAMES])
    unit.about_words, unit.about_strings = writer.words, strings_section(writer.strings)
    unit.counts = array("I", [getattr(unit, name) for name in COUNTS])
    sections = [getattr(unit, name) for name in SECTIONS]
    words = array("I", [len(sections), *map(len, sections)])
    for section in sections:
        words.extend(section)
    data = native(words).tobytes()
    return digest(data) + data


def native(words):
    """Words in files are little-endian."""
    if sys.byteorder == "big":
        words.byteswap()
    return words


def decode(data, digest):
    """The Unit of some bytes. Raises Damaged."""
    try:
        size = len(digest(b""))
        if digest(data[size:]) != data[:size]:
            raise Damaged("not what was written")
        words = array("I")
        words.frombytes(data[size:])
        return _decode(native(words))
    except Damaged:
        raise
    except (LookupError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
        raise Damaged(str(error)) from None


def _decode(words):
    unit, count = Unit(), words[0]
    if count != len(SECTIONS):
        raise Damaged("of another version")
    at = count + 1
    for name, length in zip(SECTIONS, words[1:at]):
        setattr(unit, name, words[at:at + length])
        at += length
    if at != len(words):
        raise Damaged("of a wrong length")
    for name, value in zip(COUNTS, unit.counts):
        setattr(unit, name, value)
    about = Image(unit.about_words, (), {}, unit.names("about_"), (), {}).read(0)
    for name, value in zip(ABOUT_NAMES, about, strict=True):
        setattr(unit, name, value)
    return unit


def open_image(unit, modules, foreign):
    """Make the Image of a unit; `modules` are the Images of those that it names."""
    names = unit.names("image_")
    pairs = iter(unit.image_entries)
    entries = {names[number]: at for number, at in zip(pairs, pairs)}
    unit.image = Image(unit.image_words, unit.image_offsets, entries, names, modules, foreign)
    unit.image.path = unit.path
    return unit.image
