"""Pages of the codes about names, scopes and modules: E03xx (see `explain` for the form)."""

TEXT = r'''
== E0301
Nothing in sight has this name. Check its spelling, or declare it: with `let`, `var` or `fun`, or by assigning to it.
-- wrong
print(cuont)
-- right
let count = 1
print(count)
== E0302
A name that a block declares is known in the whole block, but it has a value only from its declaration on.
Functions are the exception: they can be called above it.
-- wrong
print(n)
let n = 1
-- right
let n = 1
print(n)
== E0303
What is declared with `let` or `fun` keeps its value. Declare it with `var` to assign to it again.
-- wrong
let n = 1
n = 2
-- right
var n = 1
n = 2
== E0304
A block, class or pattern declares a name only once.
-- wrong
let n = 1
let n = 2
-- right
let n = 1
let m = 2
== E0305
`break` and `continue` are about the innermost loop around them in the same function.
-- wrong
if (true) { break }
-- right
while (true) { break }
== E0306
`global x` says what `x` means in the whole function, so it stands before the first use.
-- wrong
fun f() {
    x = 1
    global x
}
-- right
fun f() {
    global x
    x = 1
}
== E0307
A predefined function is called with another number of arguments than it takes.
== E0309
The construct is part of the language, but this version has no code for it yet.
== E0310
There is nothing here that `return` could give its value to: an `init` block has no result.
-- wrong
class A { init { return 1 } }
-- right
class A { init { print(1) } }
== E0311
No class, interface, enum or alias in sight has this name.
-- wrong
print(1 is Numbre)
-- right
print(1 is int)
== E0312
A class extends a class and implements interfaces; an interface extends interfaces.
-- wrong
interface Shape {}
class Circle extends Shape {}
-- right
interface Shape {}
class Circle implements Shape {}
== E0313
A class or interface is above itself, directly or through others.
-- wrong
class A extends B {}
class B extends A {}
-- right
class A {}
class B extends A {}
== E0314
A method lives as long as its class, a local variable of a function around the class only as long as a call. Give the value
to the class and keep it in a field.
-- wrong
fun make(n) {
    class Box { fun get() => n }
    return Box()
}
-- right
fun make(n) {
    class Box(n) { fun get() => this.n }
    return Box(n)
}
== E0315
A pattern names something that is no class or variant, has another number of parts, or its alternatives bind different names.
-- wrong
enum Shape { Circle(r: float) }
print(match (Circle(1.0)) { Circle(r, x) => r })
-- right
enum Shape { Circle(r: float) }
print(match (Circle(1.0)) { Circle(r) => r })
== E0316
What stands before the dot is known, and it has no member of this name.
== E0317
The name of a type stands where a value is needed.
== E0318
A call gives an argument by a name that nothing takes.
== E0319
`this` and `super` mean the object that a method belongs to, so they stand in methods and in `init`.
-- wrong
print(this)
-- right
class A { fun me() => this }
== E0320
Imports stand at the top level of a module, outside of functions and blocks.
-- wrong
fun f() { import math }
-- right
fun f() { return 1 }
== E0321
The module has no such name, or the name begins with `_` and is private to it.
== E0322
The module was not found, cannot be read, does not compile, or imports itself through others.
'''
