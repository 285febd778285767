"""THE instruction table: every instruction's name, operands, effects and meaning in one line.

In:  nothing. Out: `OPS` (rows in opcode order) and `BY_NAME`. From it come the builder, the assembler and disassembler,
the verifier's rules, the interpreter's operand decoding and the bytecode page of the specification.
Holds: an opcode's number is its index in `OPS`; at most 255 of them.

An instruction is one 32-bit word `op:8 A:8 B:8 C:8` (op in the low byte) followed by one 32-bit word for each operand of
an extended kind. A `wide` word before it supplies the high bytes of A, B and C, so that these have 16 bits.

Operand kinds, in the order of a row:
  byte kinds (fill A, then B, then C):
    d  tagged register, written          r  tagged register, read        x  tagged register, read and written
    D  raw register, written             S  raw register, read
    w  window: R[A] the callee, R[A+1] the link, arguments from R[A+2]   n  unsigned count
    i  signed immediate (8 bits, wide 16)       h  signed immediate in B and C (16 bits; never wide)
  word kinds (one extension word each):
    K  constant of any kind      N  constant, a name (string)      F  constant, a function     T  constant, a record's names
    Y  constant, a type (program.Type)      X  constant, a function of C (program.Extern)
    J  jump target: distance in words from the next instruction    G  global      P  primitive    C  field cache or method number, 0 in files
    I  signed 32-bit immediate

Effects: throw (may raise), gc (may collect), jump (may continue at J), end (never continues at the next instruction),
call (pushes a frame).
"""
from typing import NamedTuple

BYTE_KINDS, CONSTANT_KINDS = "drxDSwnih", "KNFTYX"
WORD_KINDS = CONSTANT_KINDS + "JGPCI"
MAX_NARROW = 252         # not 255: a call's window plus its header must fit the eight bits of a link word


class Operand(NamedTuple):
    kind: str
    name: str


class Op(NamedTuple):
    code: int
    name: str
    operands: tuple     # of Operand
    effects: frozenset
    doc: str

    @property
    def words(self):
        """Length in 32-bit words, without a `wide` prefix."""
        return 1 + sum(o.kind in WORD_KINDS for o in self.operands)


_TABLE = """
wide        | n:a n:b n:c           |                | high bytes of the next instruction's A, B, C
move        | d:a r:b               |                | R[a] := R[b]
loadk       | d:a K:k               |                | R[a] := k
loadi       | d:a h:i               |                | R[a] := i
loadnone    | d:a                   |                | R[a] := None
loadtrue    | d:a                   |                | R[a] := true
loadfalse   | d:a                   |                | R[a] := false
loadunset   | d:a                   |                | R[a] := unset
fillnone    | d:a n:n               |                | R[a .. a+n-1] := None
checkset    | r:a N:name            | throw gc       | raise UninitializedVariable(name) if R[a] is unset
getglobal   | d:a G:g               | throw gc       | R[a] := globals[g]; raises if it is unset
setglobal   | r:a G:g               |                | globals[g] := R[a]
builtin     | d:a P:p               |                | R[a] := the function value of primitive p
getup       | d:a n:i               |                | R[a] := captured[i]
getupcell   | d:a n:i               |                | R[a] := captured[i].value
setupcell   | r:a n:i               |                | captured[i].value := R[a]
newcell     | d:a r:b               | gc throw       | R[a] := a new cell holding R[b]
getcell     | d:a r:b               | throw gc       | R[a] := R[b].value
setcell     | r:a r:b               | throw gc       | R[a].value := R[b]
closure     | d:a F:f               | gc throw       | R[a] := a closure of f, capturing as f's capture list says
add         | d:a r:b r:c           | throw gc       | R[a] := R[b] + R[c]
sub         | d:a r:b r:c           | throw gc       | R[a] := R[b] - R[c]
mul         | d:a r:b r:c           | throw gc       | R[a] := R[b] * R[c]
div         | d:a r:b r:c           | throw gc       | R[a] := R[b] / R[c]
mod         | d:a r:b r:c           | throw gc       | R[a] := R[b] % R[c]
addi        | d:a r:b i:i           | throw gc       | R[a] := R[b] + i
subi        | d:a r:b i:i           | throw gc       | R[a] := R[b] - i
muli        | d:a r:b i:i           | throw gc       | R[a] := R[b] * i
divi        | d:a r:b i:i           | throw gc       | R[a] := R[b] / i
modi        | d:a r:b i:i           | throw gc       | R[a] := R[b] % i
addk        | d:a r:b K:k           | throw gc       | R[a] := R[b] + k
subk        | d:a r:b K:k           | throw gc       | R[a] := R[b] - k
mulk        | d:a r:b K:k           | throw gc       | R[a] := R[b] * k
divk        | d:a r:b K:k           | throw gc       | R[a] := R[b] / k
neg         | d:a r:b               | throw gc       | R[a] := -R[b]
addw        | d:a r:b r:c           | throw gc       | R[a] := R[b] +% R[c], wrapping
subw        | d:a r:b r:c           | throw gc       | R[a] := R[b] -% R[c], wrapping
mulw        | d:a r:b r:c           | throw gc       | R[a] := R[b] *% R[c], wrapping
bitand      | d:a r:b r:c           | throw gc       | R[a] := R[b] & R[c]; ints bitwise, bools logical
bitor       | d:a r:b r:c           | throw gc       | R[a] := R[b] | R[c]; ints bitwise, bools logical
bitxor      | d:a r:b r:c           | throw gc       | R[a] := R[b] ^ R[c]; ints bitwise, bools logical
shl         | d:a r:b r:c           | throw gc       | R[a] := R[b] << R[c]
shr         | d:a r:b r:c           | throw gc       | R[a] := R[b] >> R[c]
bitnot      | d:a r:b               | throw gc       | R[a] := ~R[b]
add32       | d:a r:b r:c           | throw gc       | R[a] := R[b] + R[c] in 32 bits, or concatenation (classic)
sub32       | d:a r:b r:c           | throw gc       | R[a] := R[b] - R[c] in 32 bits (classic)
mul32       | d:a r:b r:c           | throw gc       | R[a] := R[b] * R[c] in 32 bits (classic)
div32       | d:a r:b r:c           | throw gc       | R[a] := R[b] / R[c] in 32 bits (classic)
add32i      | d:a r:b i:i           | throw gc       | R[a] := R[b] + i in 32 bits (classic); R[b] a string concatenates
sub32i      | d:a r:b i:i           | throw gc       | R[a] := R[b] - i in 32 bits (classic)
neg32       | d:a r:b               | throw gc       | R[a] := -R[b] in 32 bits (classic)
and         | d:a r:b r:c           | throw gc       | R[a] := R[b] and R[c], both bools
or          | d:a r:b r:c           | throw gc       | R[a] := R[b] or R[c], both bools
not         | d:a r:b               | throw gc       | R[a] := not R[b], a bool
lt          | d:a r:b r:c           | throw gc       | R[a] := R[b] < R[c]
le          | d:a r:b r:c           | throw gc       | R[a] := R[b] <= R[c]
eq          | d:a r:b r:c           | throw gc       | R[a] := R[b] == R[c]
ne          | d:a r:b r:c           | throw gc       | R[a] := R[b] != R[c]
jump        | J:to                  | jump end       | continue at `to`
jtrue       | r:a J:to              | jump throw gc  | jump if R[a]; raises unless it is a bool
jfalse      | r:a J:to              | jump throw gc  | jump unless R[a]; raises unless it is a bool
jnone       | r:a J:to              | jump           | jump if R[a] is None
jnotnone    | r:a J:to              | jump           | jump if R[a] is not None
jset        | r:a J:to              | jump           | jump if R[a] is not unset
jlt         | r:a r:b J:to          | jump throw gc  | jump if R[a] < R[b]
jle         | r:a r:b J:to          | jump throw gc  | jump if R[a] <= R[b]
jnlt        | r:a r:b J:to          | jump throw gc  | jump unless R[a] < R[b]
jnle        | r:a r:b J:to          | jump throw gc  | jump unless R[a] <= R[b]
jeq         | r:a r:b J:to          | jump throw gc  | jump if R[a] == R[b]
jne         | r:a r:b J:to          | jump throw gc  | jump if R[a] != R[b]
jlti        | r:a i:i J:to          | jump throw gc  | jump if R[a] < i
jlei        | r:a i:i J:to          | jump throw gc  | jump if R[a] <= i
jgti        | r:a i:i J:to          | jump throw gc  | jump if R[a] > i
jgei        | r:a i:i J:to          | jump throw gc  | jump if R[a] >= i
jnlti       | r:a i:i J:to          | jump throw gc  | jump unless R[a] < i
jnlei       | r:a i:i J:to          | jump throw gc  | jump unless R[a] <= i
jngti       | r:a i:i J:to          | jump throw gc  | jump unless R[a] > i
jngei       | r:a i:i J:to          | jump throw gc  | jump unless R[a] >= i
jeqi        | r:a i:i J:to          | jump throw gc  | jump if R[a] == i
jnei        | r:a i:i J:to          | jump throw gc  | jump if R[a] != i
forprep     | x:a J:to              | jump throw gc  | R[a], R[a+1] ints: jump if R[a] >= R[a+1], else R[a+2] := R[a]
forprepi    | x:a J:to              | jump throw gc  | as forprep with the limit R[a+1] inclusive: it is increased by one first
forloop     | x:a J:to              | jump throw gc  | R[a] += 1; if R[a] < R[a+1] then R[a+2] := R[a] and jump
iternext    | x:a J:to              | jump throw gc  | R[a] iterated, R[a+1] position (0 at first): R[a+2] := next item, or jump: at the end, or where R[a] is an instance with has_next and next, which the code there calls
iterpair    | x:a J:to              | jump throw gc  | as iternext for items that are pairs: R[a+2], R[a+3] := its parts. Any other item: R[a+2] := it, R[a+3] := unset, and jump
record      | d:a r:b T:t           | gc throw       | R[a] := a record with fields t, values R[b ...]
getfield    | d:a r:b N:name C:c    | throw gc       | R[a] := R[b].name
setfield    | r:a r:b N:name C:c    | throw gc       | R[a].name := R[b]
getindex    | d:a r:b r:c           | throw gc       | R[a] := R[b][R[c]]
setindex    | r:a r:b r:c           | throw gc       | R[a][R[b]] := R[c]
list        | d:a r:b n:n           | gc throw       | R[a] := [R[b], ..., R[b+n-1]]
append      | r:a r:b               | gc throw       | append R[b] to the list R[a]
tuple       | d:a r:b n:n           | gc throw       | R[a] := (R[b], ..., R[b+n-1])
untuple     | d:a r:b n:n J:to      | jump           | R[a], ..., R[a+n-1] := the parts of R[b], a tuple of n; jump unless it is one
map         | d:a r:b n:n           | gc throw       | R[a] := a map of n pairs: keys R[b], R[b+2], ..., values R[b+1], R[b+3], ...
object      | d:a Y:type            | gc throw       | R[a] := a new instance of a class, its fields None
construct   | d:a r:b Y:type        | gc throw       | R[a] := a new instance, its fields R[b], R[b+1], ...
getslot     | d:a r:b n:i           | throw gc       | R[a] := field number i of the instance R[b]
getslot.float | D:a r:b n:i         | throw gc       | W[a] := field number i of the instance R[b], a float
setslot.float | r:a S:b n:i         | throw gc       | field number i of the instance R[a] := W[b], a float
getindex.int | d:a r:b r:c          | throw gc       | as getindex, R[b] most likely being an array of ints
setindex.int | r:a r:b r:c          | throw gc       | as setindex, R[a] most likely being an array of ints
getindex.float | D:a r:b r:c        | throw gc       | W[a] := R[b][R[c]], a float
setslot     | r:a r:b n:i           | throw gc       | field number i of the instance R[a] := R[b]
is          | d:a r:b Y:type        |                | R[a] := whether R[b] is of the type
jis         | r:a Y:type J:to       | jump throw gc  | jump if R[a] is of the type
jisnt       | r:a Y:type J:to       | jump throw gc  | jump unless R[a] is of the type
cast        | d:a r:b Y:type N:place | throw gc      | R[a] := R[b], of the type: an int becomes a float, unset stays; raises CastError naming `place`
checkint    | r:a N:place           | throw gc       | as cast of R[a] to int, where it stays: raises CastError naming `place` unless R[a] is an int or unset
isr         | d:a r:b r:t           | throw gc       | R[a] := whether R[b] is of the type whose number is R[t]
castr       | d:a r:b r:t N:place   | throw gc       | as cast, to the type whose number is R[t]
reify       | r:a Y:type            | throw gc       | the type of R[a], a new container or instance, is this one: it gets its type arguments
gather      | r:a Y:type N:place    | throw gc       | as reify, R[a] being the list of a rest parameter; raises CastError naming `place` unless its items are of the type's item type
reifyr      | r:a r:t               | throw gc       | as reify, with the type whose number is R[t]
gettype     | d:a r:b Y:type        | throw gc       | R[a] := number of the type, each param in it what R[b] says: type arguments by number (0: dynamic), or an instance
typeargs    | Y:type                |                | after a call: its type arguments, which `bindtypes` in the callee looks for here
typeargsr   | r:t                   |                | as typeargs, by number
bindtypes   | d:a                   | throw gc       | R[a] := number of the type arguments of the call that led here, or 0
jointypes   | x:a r:b n:n           | throw gc       | R[a] := number of the first n type arguments of R[b], then those of R[a]
setitem     | r:a r:b r:c           | throw gc       | as setindex, where R[c] is known to be of the type of the items of R[a]
tostring    | d:a r:b               | gc throw       | R[a] := the printed form of R[b]
call        | w:a n:n               | call throw gc  | R[a] := R[a](R[a+2], ..., R[a+1+n])
callraw     | w:a n:n n:raw         | call throw gc  | as call, the callee's raw registers begin `raw` after ours
callknown   | w:a n:n n:raw F:f     | call throw gc  | R[a] := f(R[a+2], ..., R[a+1+n]), which fit f's parameters: its checks are skipped; raw as callraw
calltyped   | w:a n:n Y:type J:to   | call throw gc jump | as call; if the function's signature is the type, which the arguments fit, skip its checks and go on at `to`
calltypedraw | w:a n:n n:raw Y:type J:to | call throw gc jump | as calltyped, the callee's raw registers begin `raw` after ours
invoke      | w:a n:n n:raw N:name C:c | call throw gc | R[a] := R[a+2].name(R[a+3], ..., R[a+2+n]); raw as callraw
invokevirtual | w:a n:n n:raw Y:type N:name C:method | call throw gc | as invokeknown, of an instance of the class `type`; loading finds the method's number in it
invokeknown | w:a n:n n:raw N:name C:c | call throw gc | as invoke, but the arguments fit the method's parameters: its checks are skipped
prim        | d:a r:b P:p           | throw gc       | R[a] := primitive p of R[b], R[b+1], ...
extern      | d:a r:b X:x           | throw gc       | R[a] := the C function x of R[b], R[b+1], ...
ret         | r:a                   | end            | return R[a]
retnone     |                       | end            | return None
throw       | r:a                   | throw gc end   | raise R[a]
halt        |                       | end            | leave the interpreter (only in stubs of the runtime)
rmove       | D:a S:b               |                | W[a] := W[b]
rloadi      | D:a I:i               |                | W[a] := i, an int
rloadk      | D:a K:k               |                | W[a] := k, the int, float or bool of a constant, unboxed
unboxint    | D:a r:b               | throw gc       | W[a] := R[b], raises unless it is an int
unboxfloat  | D:a r:b               | throw gc       | W[a] := R[b], an int as a float; raises unless it is a number
unboxbool   | D:a r:b               | throw gc       | W[a] := R[b], raises unless it is a bool
boxint      | d:a S:b               | throw gc       | R[a] := W[b], an int
boxfloat    | d:a S:b               | throw gc       | R[a] := W[b], a float
boxbool     | d:a S:b               |                | R[a] := W[b], a bool
add.int     | D:a S:b S:c           | throw gc       | W[a] := W[b] + W[c], raises on overflow
sub.int     | D:a S:b S:c           | throw gc       | W[a] := W[b] - W[c], raises on overflow
mul.int     | D:a S:b S:c           | throw gc       | W[a] := W[b] * W[c], raises on overflow
div.int     | D:a S:b S:c           | throw gc       | W[a] := W[b] / W[c], raises on zero and overflow
mod.int     | D:a S:b S:c           | throw gc       | W[a] := W[b] % W[c], raises on zero
addi.int    | D:a S:b i:i           | throw gc       | W[a] := W[b] + i, raises on overflow
neg.int     | D:a S:b               | throw gc       | W[a] := -W[b], raises on overflow
and.int     | D:a S:b S:c           |                | W[a] := W[b] & W[c]
or.int      | D:a S:b S:c           |                | W[a] := W[b] | W[c]
xor.int     | D:a S:b S:c           |                | W[a] := W[b] ^ W[c]
addw.int    | D:a S:b S:c           |                | W[a] := W[b] +% W[c]
subw.int    | D:a S:b S:c           |                | W[a] := W[b] -% W[c]
mulw.int    | D:a S:b S:c           |                | W[a] := W[b] *% W[c]
shl.int     | D:a S:b S:c           | throw gc       | W[a] := W[b] << W[c], raises on a count outside 0..63
shr.int     | D:a S:b S:c           | throw gc       | W[a] := W[b] >> W[c], raises on a count outside 0..63
not.int     | D:a S:b               |                | W[a] := ~W[b]
lt.int      | D:a S:b S:c           |                | W[a] := W[b] < W[c]
le.int      | D:a S:b S:c           |                | W[a] := W[b] <= W[c]
eq.int      | D:a S:b S:c           |                | W[a] := W[b] == W[c]; also bools
jlt.int     | S:a S:b J:to          | jump throw gc  | jump if W[a] < W[b]
jle.int     | S:a S:b J:to          | jump throw gc  | jump if W[a] <= W[b]
jeq.int     | S:a S:b J:to          | jump throw gc  | jump if W[a] == W[b]; also bools
jne.int     | S:a S:b J:to          | jump throw gc  | jump if W[a] != W[b]; also bools
jlti.int    | S:a i:i J:to          | jump throw gc  | jump if W[a] < i
jgti.int    | S:a i:i J:to          | jump throw gc  | jump if W[a] > i
jeqi.int    | S:a i:i J:to          | jump throw gc  | jump if W[a] == i; also bools
jnei.int    | S:a i:i J:to          | jump throw gc  | jump if W[a] != i; also bools
add.float   | D:a S:b S:c           |                | W[a] := W[b] + W[c]
sub.float   | D:a S:b S:c           |                | W[a] := W[b] - W[c]
mul.float   | D:a S:b S:c           |                | W[a] := W[b] * W[c]
div.float   | D:a S:b S:c           |                | W[a] := W[b] / W[c]
neg.float   | D:a S:b               |                | W[a] := -W[b]
sqrt.float  | D:a S:b               |                | W[a] := square root of W[b]
float.int   | D:a S:b               |                | W[a] := the float of the int W[b]
lt.float    | D:a S:b S:c           |                | W[a] := W[b] < W[c]
le.float    | D:a S:b S:c           |                | W[a] := W[b] <= W[c]
eq.float    | D:a S:b S:c           |                | W[a] := W[b] == W[c]
jlt.float   | S:a S:b J:to          | jump throw gc  | jump if W[a] < W[b]
jle.float   | S:a S:b J:to          | jump throw gc  | jump if W[a] <= W[b]
jnlt.float  | S:a S:b J:to          | jump throw gc  | jump unless W[a] < W[b]
jnle.float  | S:a S:b J:to          | jump throw gc  | jump unless W[a] <= W[b]
jeq.float   | S:a S:b J:to          | jump throw gc  | jump if W[a] == W[b]
jne.float   | S:a S:b J:to          | jump throw gc  | jump if W[a] != W[b]
"""


def _row(code, line):
    name, operands, effects, doc = (part.strip() for part in line.split("|", 3))
    parsed = tuple(Operand(*part.split(":")) for part in operands.split())
    return Op(code, name, parsed, frozenset(effects.split()), doc)


OPS = tuple(_row(code, line) for code, line in enumerate(_TABLE.strip().splitlines()))
BY_NAME = {op.name: op for op in OPS}
assert len(OPS) <= 255 and len(BY_NAME) == len(OPS)
