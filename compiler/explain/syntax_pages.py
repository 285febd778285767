"""Pages of the codes about text, syntax and limits: E01xx, E02xx, E04xx and E05xx (see `explain` for the form)."""

TEXT = r'''
== E0101
The text holds a character that no token of the language begins with. Such characters may stand in strings and comments only.
-- wrong
let price = 5 # 2
-- right
let price = 5 * 2
== E0102
A string begins with `"` and goes on to the end of the file without another one. A `"` inside of a string is written `\"`.
-- wrong
print("hello)
-- right
print("hello")
== E0103
After `\` in a string stands one of `n`, `t`, `r`, `0`, `\`, `"`, `$`, or `u{…}` with a code point in hexadecimal.
-- wrong
print("C:\docs")
-- right
print("C:\\docs")
== E0104
A number is written in decimal, with `0x` in hexadecimal or with `0b` in binary; `_` may stand between digits. A name cannot
begin with a digit.
-- wrong
let n = 12monkeys
-- right
let n = 12
== E0105
An `int` has 64 bits, so literals go up to 9223372036854775807. For larger numbers write a float, or a bigint: `10n`.
-- wrong
let n = 9223372036854775808
-- right
let n = 9223372036854775807
== E0106
A comment that begins with `/*` ends with `*/`. Comments nest, so each `/*` inside needs its own `*/`.
-- wrong
/* a comment /* inside */
print(1)
-- right
/* a comment /* inside */ */
print(1)
== E0107
Programs are UTF-8 text. The file has bytes that are not; most editors can save it anew in UTF-8.
== E0108
The format behind the `:` of an interpolation ends at the `}`. No `"`, backslash, `$` or line's end stands in it.
-- wrong
let price = 3.5
print("${price:8.2f"})
-- right
let price = 3.5
print("${price:8.2f}")
== E0201
Something stands where it cannot stand. Often a character is missing just before the marked place.
-- wrong
let n = * 2
-- right
let n = 1 * 2
== E0202
A statement of a classic program ends with a semicolon, unless it ends with a block.
== E0203
A bracket is opened and not closed before the file, or a bracket around it, ends.
-- wrong
print((1 + 2)
-- right
print((1 + 2))
== E0204
A closing bracket stands where none of its kind is open.
-- wrong
print(1))
-- right
print(1)
== E0205
The file ends in the middle of a statement, so a part of it is missing.
-- wrong
let n = 1 +
-- right
let n = 1 + 2
== E0206
The words of the language, such as `class` or `match`, cannot name variables.
-- wrong
let class = 1
-- right
let kind = 1
== E0207
`else` follows an `if`, `catch` and `finally` follow a `try`, and nothing stands between.
-- wrong
else { print(1) }
-- right
if (false) { print(0) } else { print(1) }
== E0208
`=` assigns, `==` compares. A condition compares.
-- wrong
let n = 1
if (n = 1) { print("one") }
-- right
let n = 1
if (n == 1) { print("one") }
== E0209
Only variables, fields and elements can be assigned to.
-- wrong
1 = 2
-- right
let one = 2
== E0210
Comparisons do not chain: `a < b < c` would compare a bool with `c`.
-- wrong
let n = 5
print(1 < n < 10)
-- right
let n = 5
print(1 < n && n < 10)
== E0211
In a classic program only a call is a statement by itself.
== E0212
The construct is one of Myna and not of classic programs. A program that uses it has the extension `.ms`.
== E0213
Two parameters, fields or variants of one declaration have the same name.
-- wrong
fun add(n, n) { return n + n }
-- right
fun add(n, m) { return n + m }
== E0214
A rest parameter takes all arguments that are left, so nothing can come behind it.
-- wrong
fun f(...xs, last) { return last }
-- right
fun f(last, ...xs) { return last }
== E0215
A module is known by the last part of its path. When that is no name, give it one with `as`.
-- wrong
import "lib/my-tools"
-- right
let tools = 1
== E0216
A method without a body belongs in an interface, fields and `init` belong in a class.
-- wrong
class Shape { fun area(): float }
-- right
interface Shape { fun area(): float }
== E0217
`after` gives `receive` a time limit. It stands there once, as the last arm, and not in `match`.
-- wrong
print(match (1) { 1 => 2, after 10 => 3 })
-- right
print(match (1) { 1 => 2, _ => 3 })
== E0218
Arguments with names come behind those without.
-- wrong
fun box(width, height) { return width * height }
print(box(width: 1, 2))
-- right
fun box(width, height) { return width * height }
print(box(1, height: 2))
== E0219
Between braces stand either the fields of a record, with names as keys, or the entries of a map, with strings or `[key]`.
-- wrong
let r = {a: 1, "b": 2}
-- right
let r = {a: 1, b: 2}
== E0401
Brackets, blocks or operators are nested deeper than the compiler follows. Move inner parts into functions or variables.
== E0402
The first errors are shown and the others are not: they often follow from the first ones.
== E0403
A function or class has more constants, variables or fields than the machine's instructions can name. Split it.
== E0501
The text form of bytecode has a line that cannot be read.
== E0502
A line of bytecode text begins with a word that is no instruction and no directive.
== E0503
Bytecode text names a function, global or field that it does not declare.
== E0504
A jump in bytecode text goes to a label that is missing, or that stands in two places.
== E0505
A number in bytecode text is outside of what its operand can hold.
== E0521
A `.mitbc` file is not in the form of stack bytecode.
== E0522
An instruction of a `.mitbc` file has an index into a table of its function that the table does not have.
== E0523
A jump in a `.mitbc` file goes to a label that is missing, or that stands in two places.
== E0524
An instruction of a `.mitbc` file takes more operands than there are, or two ways to one place leave different numbers of them.
== E0525
An instruction of a `.mitbc` file has an operand of a kind that it does not take.
== E0526
A function of a `.mitbc` file can go on behind its last instruction.
== E0527
A `.mitbc` file has more functions, constants or variables than the machine's instructions can name.
'''
