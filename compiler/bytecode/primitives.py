"""The primitives: functions written in C that programs see as built-ins, and their names in each dialect.

In:  nothing. Out: `PRIMITIVES` in order of their numbers. The machine's table of C functions (`prim_<name>`) and its table
of methods are generated from this one. Holds: a number never changes its meaning within one version of the bytecode.

A name `type.method` is a method of a built-in type; its first argument is the receiver. Another `module.name` belongs to that module
of the standard library, which shows it to importers unless it begins with `_`. An arity `2-3` is that of one whose
last arguments may be missing: the C function gets them as unset.
"""
from functools import cache
from typing import NamedTuple


class Primitive(NamedTuple):
    number: int
    name: str       # of the C function, with `.` as `_`
    arity: int
    required: int   # arguments that no caller may leave out
    dialects: str   # where it is a predefined name: "classic", "ms", both, or "" (reached as a method, in a module, or by the compiler)
    doc: str

    @property
    def type(self):
        """The built-in type that it is a method of, or None."""
        owner, dot, _ = self.name.partition(".")
        return owner if dot and owner in METHOD_TYPES else None


# Built-in types that have methods; programs may add further ones (program.Class.extends).
METHOD_TYPES = ("list", "string", "map", "tuple", "range", "set", "bigint", "bytes", "array", "type", "int", "float", "object")

_TABLE = """
print       | 1 | classic ms | print(v): write the printed form of v and a newline; gives None
input       | 0 | classic ms | input(): the next line of standard input without its newline, "" at the end
intcast     | 1 | classic    | intcast(s): the integer a string spells in decimal
sqrt        | 1 | ms         | sqrt(x): square root as a float
floor       | 1 | ms         | floor(x): greatest int not above x
int         | 1-2 | ms       | int(x, base): an int from a number (truncated), or from a string's digits in a base, which is 10 if left out
bigint      | 1-2 | ms       | bigint(x, base): a bigint, in the same way
float       | 1 | ms         | float(x): a float from a number or a string
str         | 1 | ms         | str(v): the printed form of v
len         | 1 | ms         | len(v): length of a string in code points, of a list, or number of a record's fields
clock       | 0 | ms         | clock(): CPU time of the program in seconds
format      | 2 | ms         | format(value, format): the text of a value in a format such as ">8.2f", or a number with so many decimals
Error       | 1 | ms         | Error(message): an error value for `throw`
list.push        | 2   |  | xs.push(v): append v
list.pop         | 1   |  | xs.pop(): remove and give the last item
list.insert      | 3   |  | xs.insert(at, v): put v before the item number `at`, or at the end
list.remove      | 2   |  | xs.remove(at): remove and give the item number `at`
list.first       | 1   |  | xs.first(): the first item
list.last        | 1   |  | xs.last(): the last item
list.contains    | 2   |  | xs.contains(v): is an item equal to v?
list.index_of    | 2   |  | xs.index_of(v): the number of the first item equal to v, or -1
list.slice       | 2-3 |  | xs.slice(from, to): a list of the items from `from` up to `to`, which may be left out
list.reverse     | 1   |  | xs.reverse(): turn the order of the items around
list.sort        | 1   |  | xs.sort(): order numbers, strings, or tuples of such; equal ones stay in their order
list.order       | 1   |  | xs.order(): the numbers of the items, in the order in which sort would put these
list.join        | 1-2 |  | xs.join(separator): the printed forms of the items in one string
list.clear       | 1   |  | xs.clear(): remove all items
list.extend      | 2   |  | xs.extend(ys): append the items of ys
list.copy        | 1   |  | xs.copy(): a new list of the same items
string.upper     | 1   |  | s.upper(): with upper-case letters
string.lower     | 1   |  | s.lower(): with lower-case letters
string.trim      | 1   |  | s.trim(): without white space at both ends
string.split     | 2-3 |  | s.split(separator, most): a list of the parts between separators, at most so many
string.words     | 1   |  | s.words(): a list of the parts between white space
string.trim_start | 1  |  | s.trim_start(): without white space at the beginning
string.trim_end  | 1   |  | s.trim_end(): without white space at the end
string.pad_start | 2-3 |  | s.pad_start(width, fill): with `fill`, else spaces, before it to so many code points
string.pad_end   | 2-3 |  | s.pad_end(width, fill): with `fill`, else spaces, after it to so many code points
string.is_alpha  | 1   |  | s.is_alpha(): is it letters and nothing else?
string.is_digit  | 1   |  | s.is_digit(): is it decimal digits and nothing else?
string.is_alnum  | 1   |  | s.is_alnum(): is it letters and decimal digits and nothing else?
string.is_space  | 1   |  | s.is_space(): is it white space and nothing else?
string.count     | 2   |  | s.count(part): how often does part occur, without overlaps?
string.last_index_of | 2 | | s.last_index_of(part): the code point at which part last begins, or -1
string.compare   | 2   |  | s.compare(t): -1, 0 or 1 as s comes before t, is equal, or comes after
string.code_at   | 2   |  | s.code_at(i): the number of the code point at i
string.reverse   | 1   |  | s.reverse(): with the code points in the opposite order
string.contains  | 2   |  | s.contains(part): does part occur?
string.starts_with | 2 |  | s.starts_with(part): does s begin with part?
string.ends_with | 2   |  | s.ends_with(part): does s end with part?
string.index_of  | 2   |  | s.index_of(part): the code point at which part first begins, or -1
string.replace   | 3   |  | s.replace(old, new): with new in place of every old
string.slice     | 2-3 |  | s.slice(from, to): the code points from `from` up to `to`, which may be left out
string.repeat    | 2   |  | s.repeat(n): n times s
string.chars     | 1   |  | s.chars(): a list of strings of one code point
string.codes     | 1   |  | s.codes(): a list of the numbers of the code points
string.to_int    | 1   |  | s.to_int(): the int that s spells, or None
string.to_float  | 1   |  | s.to_float(): the float that s spells, or None
map.get          | 2-3 |  | m.get(key, default): the value of key, or the default, or None
map.has          | 2   |  | m.has(key): is there such a key?
map.remove       | 2   |  | m.remove(key): remove the key and give its value, or None
map.keys         | 1   |  | m.keys(): a list of the keys, in the order of insertion
map.values       | 1   |  | m.values(): a list of the values
map.entries      | 1   |  | m.entries(): a list of tuples (key, value)
map.clear        | 1   |  | m.clear(): remove all keys
map.copy         | 1   |  | m.copy(): a new map of the same keys and values
Map         | 0 | ms         | Map(): an empty map
List        | 0-1 | ms       | List(items): a list of what a loop over the items gives; List() an empty one
Set         | 0-1 | ms       | Set(items): a set of what a loop over the items gives; Set() an empty one
set.add          | 2   |  | s.add(v): make v a member; was it none?
set.has          | 2   |  | s.has(v): is v a member?
set.remove       | 2   |  | s.remove(v): make v no member; was it one?
set.clear        | 1   |  | s.clear(): remove all members
set.copy         | 1   |  | s.copy(): a new set of the same members
set.union        | 2   |  | s.union(t): a new set of the members of both
set.intersect    | 2   |  | s.intersect(t): a new set of the members that t has too
set.difference   | 2   |  | s.difference(t): a new set of the members that t lacks
set.is_subset    | 2   |  | s.is_subset(t): does t have all members of s?
set.to_list      | 1   |  | s.to_list(): a list of the members
bytes       | 1-2 | ms       | bytes(items): bytes of what a loop over the items gives; bytes(s, 16): of the hexadecimal digits of a string
string.to_bytes  | 1   |  | s.to_bytes(): its UTF-8 form
bytes.to_string  | 1   |  | b.to_string(): the string of which b is the UTF-8 form
bytes.to_list    | 1   |  | b.to_list(): a list of the numbers
bytes.hex        | 1   |  | b.hex(): two hexadecimal digits for each byte
bytes.slice      | 2-3 |  | b.slice(from, to): the bytes from `from` up to `to`, which may be left out
bytes.index_of   | 2   |  | b.index_of(part): where the bytes `part` first begin, or -1
Array       | 1-2 | ms       | Array(length, value): an array with the value in each place
array_of_kind | 3 |          | array_of_kind(length, value, kind): an array of elements of a kind that the compiler knows
array.fill       | 2   |  | a.fill(v): put v into each place
array.copy       | 1   |  | a.copy(): a new array of the same elements
array.slice      | 2-3 |  | a.slice(from, to): an array of the elements from `from` up to `to`, which may be left out
array.to_list    | 1   |  | a.to_list(): a list of the elements
list.to_array    | 1   |  | xs.to_array(): an array of the items
bigint.bit_length | 1  |  | b.bit_length(): the bits of its magnitude
range       | 3 |    | range(start, end, inclusive): what `start..end` and `start..=end` give
range.contains   | 2   |  | r.contains(i): does the int belong to the range?
range.to_list    | 1   |  | r.to_list(): a list of the ints
json._parse | 2 | | json._parse(text, failure): the value that JSON text means; or None, and what is wrong and where is added to the list
json._text  | 5 | | json._text(value, indent, margin, wanted, pieces): JSON text of a value; instances that the library writes, and their levels, are added to `wanted`, or `pieces` has their texts
math.sqrt | 1 | | math.sqrt(x): the square root, as the predefined sqrt
math.floor | 1 | | math.floor(x): the greatest int not above x, as the predefined floor
math.sin | 1 | | math.sin(x): the sine of an angle in radians
math.cos | 1 | | math.cos(x): the cosine of an angle in radians
math.tan | 1 | | math.tan(x): the tangent of an angle in radians
math.asin | 1 | | math.asin(x): the angle, in radians, of a sine
math.acos | 1 | | math.acos(x): the angle, in radians, of a cosine
math.atan | 1 | | math.atan(x): the angle, in radians, of a tangent
math.sinh | 1 | | math.sinh(x): the hyperbolic sine
math.cosh | 1 | | math.cosh(x): the hyperbolic cosine
math.tanh | 1 | | math.tanh(x): the hyperbolic tangent
math.exp | 1 | | math.exp(x): e to the power of x
math.log | 1 | | math.log(x): the natural logarithm
math.log2 | 1 | | math.log2(x): the logarithm to the base 2
math.log10 | 1 | | math.log10(x): the logarithm to the base 10
math.cbrt | 1 | | math.cbrt(x): the cube root
math.atan2 | 2 | | math.atan2(y, x): the angle, in radians, of the point (x, y)
math.hypot | 2 | | math.hypot(x, y): the length of the vector (x, y), without overflow on the way
math.pow | 2 | | math.pow(base, exponent): the power; of ints an int (OverflowError when it does not fit, ValueError when the exponent is negative)
math.ceil | 1 | | math.ceil(x): the least int not below x
math.round | 1 | | math.round(x): the nearest int; halves go away from zero
math.trunc | 1 | | math.trunc(x): the int without the fraction
math.is_nan | 1 | | math.is_nan(x): is x not a number?
math.is_finite | 1 | | math.is_finite(x): is x neither infinite nor not-a-number?
math.gcd | 2 | | math.gcd(a, b): the greatest common divisor of two ints, not negative
type_of     | 0-1 | ms         | type_of(v): the type of v as a value; type_of<T>() is T itself
type.get    | 3 |            | t.get(object, name): the field of an instance of t with this name
type.set    | 4 |            | t.set(object, name, value): set the field of an instance of t with this name
int.compare      | 2   |  | i.compare(other): -1, 0 or 1, as it is less than the other number, equal, or greater
float.compare    | 2   |  | x.compare(other): the same; ValueError when either is nan
bigint.compare   | 2   |  | b.compare(other): the same
chr         | 1 | ms         | chr(code): the string of the code point with this number
reflect._install  | 1 | | reflect._install(f): f(type, name, arguments or None) answers for what the machine does not know of types
reflect._type     | 1 | | reflect._type(number): the type with this number, as a value
reflect._kind     | 1 | | reflect._kind(t): what kind of type it is, as far as the machine knows
reflect._fields   | 1 | | reflect._fields(t): a list of (name, type) of all fields of a class or record
reflect._describe | 1 | | reflect._describe(t): what the compiler knows of a class, as its hidden method tells it; or None
reflect._call     | 3 | | reflect._call(f, arguments, t): call f with the items of a list, itself in it for those left out; the type arguments are those of t, unless None
reflect._method   | 2 | | reflect._method(object, name): the bound method of an instance
reflect._fit      | 3 | | reflect._fit(v, t, place): v as a place of type t takes it; CastError names the place
reflect._empty    | 1 | | reflect._empty(t): an empty list, map or set of type t; of an array type a list of such elements
reflect._tuple    | 1 | | reflect._tuple(items): the tuple of the items of a list
reflect._below    | 2 | | reflect._below(t, u): is every instance of t a u?
reflect._is       | 2 | | reflect._is(v, t): is v a t?
json._same | 2 | | json._same(a, b): are they one object?
reflect._functions | 0 | | reflect._functions(): types whose hidden methods tell of the functions with attributes
os._arguments | 0 | | os._arguments(): a list of what the program was given behind its name
os._exit | 1 | | os._exit(status): end the program; nothing of it runs any more
os._pid | 0 | | os._pid(): the number of the process
os._about | 1 | | os._about(what): 0: the system's name, 1: the machine's kind, 2: the machine's name
os._failure | 1 | | os._failure(code): of an error of the system, negated: a list of its kind and its text
os._variable | 1 | | os._variable(name): the value of a variable of the environment, or None
os._variables | 0 | | os._variables(): a list of all of them, as NAME=value
os._set_variable | 2 | | os._set_variable(name, value): set it, or remove it when the value is None
os._directory | 0 | | os._directory(): the current directory
os._enter | 1 | | os._enter(path): make it the current directory
io._read | 2 | | io._read(stream, most): bytes, at least one and at most so many; none at the end
io._read_line | 1 | | io._read_line(stream): the next line without its end; None at the end
io._read_all | 1 | | io._read_all(stream): all bytes up to the end
io._write | 2 | | io._write(stream, data): write a string or bytes
io._flush | 1 | | io._flush(stream): give what was written to the system
io._close | 1 | | io._close(stream): flush and close
io._seek | 3 | | io._seek(stream, offset, from): go to a byte, counted from the beginning (0), the present place (1), the end (2); its number
io._is_terminal | 1 | | io._is_terminal(stream): does somebody sit there?
fs._open | 2 | | fs._open(path, mode): a stream to read (0), to write anew (1), to append (2), to write what was not there (3), to change (4), as 3 for this user only (5)
fs._info | 2 | | fs._info(path, follow): a list of kind, size, time of the last change, mode
fs._list | 1 | | fs._list(path): a list of the names in a directory, in no order
fs._make_directory | 2 | | fs._make_directory(path, private): make it, for this user only if it is private
fs._remove_file | 1 | | fs._remove_file(path): remove a file
fs._remove_directory | 1 | | fs._remove_directory(path): remove an empty directory
fs._rename | 2 | | fs._rename(from, to): give a file or directory another path
fs._set_mode | 2 | | fs._set_mode(path, mode): who may do what with it, as POSIX has it
fs._real_path | 1 | | fs._real_path(path): the absolute path without links
time._now | 0 | | time._now(): nanoseconds since 1970, UTC
time._monotonic | 0 | | time._monotonic(): nanoseconds since some time, that never go back
time._sleep | 1 | | time._sleep(ns): wait so many nanoseconds
random._next | 2 | | random._next(state, bits): so many bits, 1 to 64, of the next number of xoshiro256**, whose state is an array of four ints
random._entropy | 0 | | random._entropy(): an int of 64 random bits of the system
subprocess._start | 4 | | subprocess._start(arguments, environment, directory, pipes): start a program; a list of its number and of streams, or -1 for those that are none
subprocess._wait | 2 | | subprocess._wait(number, block): its exit status, 128 and more for a signal's number; None: it goes on
subprocess._signal | 2 | | subprocess._signal(number, signal): send it a signal
subprocess._ready | 4 | | subprocess._ready(to, from, from2, ns): wait for streams; 1 when the first can be written, 2 and 4 when the others can be read
text._category | 1 | | text._category(code): the number of the code point's general category
text._width | 1 | | text._width(s): how many cells of a terminal the string takes
text._change | 2 | | text._change(s, case): in upper case (0), lower case (1), title case for each letter (2), or folded (3)
"""


def _row(number, line):
    name, arity, dialects, doc = (part.strip() for part in line.split("|", 3))
    required, _, most = arity.partition("-")
    return Primitive(number, name, int(most or required), int(required), dialects, doc)


# Predefined function -> methods of the library that do what it cannot, since they call the program's methods.
HELPERS = {"List": ("add_all",), "Set": ("add_all",), "bytes": ("to_bytes",)}
PRIMITIVES = tuple(_row(number, line) for number, line in enumerate(_TABLE.strip().splitlines()))
BY_NAME = {p.name: p for p in PRIMITIVES}


@cache
def predefined(dialect):
    """Name -> Primitive of the names that a program in this dialect ("classic" or "ms") starts with."""
    return {p.name: p for p in PRIMITIVES if dialect in p.dialects.split()}


@cache
def module_primitives(module):
    """Name -> Primitive of those that belong to a module of the standard library; `module` may be None."""
    return {p.name.partition(".")[2]: p for p in PRIMITIVES if p.name.startswith(f"{module}.") and p.type is None}
