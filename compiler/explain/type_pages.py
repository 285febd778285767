"""Pages of the codes about types: E06xx (see `explain` for the form)."""

TEXT = r'''
== E0601
A value has another type than the variable, field or element that is to hold it. Types that are written are kept: convert the
value, or write another type. A `List<Cat>` is no `List<Animal>`, because somebody could add a dog to it.
-- wrong
let count: int = "three"
-- right
let count: int = int("3")
== E0602
An argument has another type than the parameter it is for.
-- wrong
fun double(n: int): int => n * 2
print(double("two"))
-- right
fun double(n: int): int => n * 2
print(double(2))
== E0603
A call has too many arguments, or too few. Parameters with a default value may be left out; `...xs` takes all that are left.
-- wrong
fun add(a, b) => a + b
print(add(1))
-- right
fun add(a, b = 0) => a + b
print(add(1))
== E0604
A call gives an argument by a name that the function does not have, or that it was given already.
-- wrong
fun box(width: int, height: int = 1) => width * height
print(box(1, heigth: 2))
-- right
fun box(width: int, height: int = 1) => width * height
print(box(1, height: 2))
== E0605
The type of the value is known, and it has no field or method of this name.
-- wrong
class Point(x: int, y: int)
print(Point(1, 2).z)
-- right
class Point(x: int, y: int)
print(Point(1, 2).y)
== E0606
The operator is not for values of these types. `+` joins anything to a string; other operators convert nothing but int to
float. A class gets operators by methods with their names, as `fun +(other: Money): Money`.
-- wrong
print("5" * 2)
-- right
print(int("5") * 2)
== E0607
A function with a written result must return a value on every way through it.
-- wrong
fun sign(n: int): int {
    if (n < 0) { return -1 }
}
-- right
fun sign(n: int): int {
    if (n < 0) { return -1 }
    return 1
}
== E0608
A returned value has another type than the written result.
-- wrong
fun name(): string { return 5 }
-- right
fun name(): string { return "five" }
== E0609
A condition is a bool: numbers, strings and None are not true or false.
-- wrong
let n = 3
if (n) { print("yes") }
-- right
let n = 3
if (n != 0) { print("yes") }
== E0610
Only functions and classes can be called.
-- wrong
let n = 5
print(n())
-- right
let n = fun() => 5
print(n())
== E0611
Lists and strings are indexed by ints, maps by their keys; other values have no elements, unless their class has the operator
`[]`.
-- wrong
let xs = [1, 2]
print(xs["0"])
-- right
let xs = [1, 2]
print(xs[0])
== E0612
`for` goes through lists, ranges, strings, maps, sets and what implements `Iterable`.
-- wrong
for (i in 3) { print(i) }
-- right
for (i in 0..3) { print(i) }
== E0613
The type ends with `?`: the value may be None, and None has no members and takes part in no calculation. Test it first; after
the test the compiler knows.
-- wrong
fun inc(n: int?): int => n + 1
-- right
fun inc(n: int?): int => n == None ? 0 : n + 1
== E0614
A variable with a type and without a value must be assigned on every way to its first use.
-- wrong
var n: int
print(n)
-- right
var n: int
n = 1
print(n)
== E0615
No class, interface, enum, alias or type parameter in sight has this name.
-- wrong
let n: integer = 1
-- right
let n: int = 1
== E0616
A generic type takes as many type arguments as it has parameters; other types take none.
-- wrong
let xs: List<int, int> = [1]
-- right
let xs: List<int> = [1]
== E0617
A type parameter has a bound, and the type argument does not implement or extend it.
-- wrong
interface Named { fun name(): string }
fun show<T: Named>(x: T) { print(x.name()) }
show(5)
-- right
interface Named { fun name(): string }
class Cat implements Named { override fun name() => "cat" }
fun show<T: Named>(x: T) { print(x.name()) }
show(Cat())
== E0619
An alias is only another name, so it cannot contain itself. A class or an enum can.
-- wrong
type Tree = List<Tree>
-- right
class Tree(children: List<Tree>)
== E0623
A class has one member of a name: a field and a method cannot share it.
-- wrong
class A {
    var size: int = 0
    fun size(): int => 1
}
-- right
class A {
    var size: int = 0
    fun double(): int => this.size * 2
}
== E0624
A method that replaces an inherited one, or that an interface asks for, says so with `override`.
-- wrong
class Animal { fun sound() => "?" }
class Cat extends Animal { fun sound() => "meow" }
-- right
class Animal { fun sound() => "?" }
class Cat extends Animal { override fun sound() => "meow" }
== E0625
An override takes all arguments that the inherited method takes, and gives a result that fits the inherited one's.
-- wrong
class Animal { fun eat(n: int) {} }
class Cat extends Animal { override fun eat(n: string) {} }
-- right
class Animal { fun eat(n: int) {} }
class Cat extends Animal { override fun eat(n: int) {} }
== E0626
Nothing that the class extends or implements has a method of this name.
-- wrong
class A { override fun show() {} }
-- right
class A { fun show() {} }
== E0627
A class has all methods of its interfaces, except those that have a body there.
-- wrong
interface Shape { fun area(): float }
class Unit implements Shape {}
-- right
interface Shape { fun area(): float }
class Unit implements Shape { override fun area(): float => 1.0 }
== E0628
Interfaces and enums have no instances of their own: make one of a class that implements the interface, or use one of the
enum's variants.
-- wrong
enum Color { Red, Green }
print(Color())
-- right
enum Color { Red, Green }
print(Red)
== E0630
Methods, fields declared with `let`, and the elements of strings, tuples and ranges cannot be assigned to.
-- wrong
let pair = (1, 2)
pair[0] = 3
-- right
let pair = [1, 2]
pair[0] = 3
== E0631
`super` calls a method of the class above, and this class extends none.
-- wrong
class A { fun f() { super.f() } }
-- right
class Base { fun f() {} }
class A extends Base { override fun f() { super.f() } }
== E0632
Static members belong to the class and are reached by its name; all others belong to its instances.
-- wrong
class A { static fun make(): int => 1 }
print(A().make())
-- right
class A { static fun make(): int => 1 }
print(A.make())
== E0633
A field whose type does not allow None gets a value where it is declared, from a parameter of the class, or in `init`.
-- wrong
class A { var name: string }
-- right
class A { var name: string = "" }
== E0640
`match` takes every value that its subject can have. The message names one that no arm takes.
-- wrong
enum Color { Red, Green, Blue }
fun f(c: Color): int => match (c) { Red => 1, Green => 2 }
-- right
enum Color { Red, Green, Blue }
fun f(c: Color): int => match (c) { Red => 1, _ => 2 }
== E0641
The arms before this one take everything that it takes. Perhaps the order of the arms is wrong.
-- wrong
print(match (5) { _ => 1, 5 => 2 })
-- right
print(match (5) { 5 => 2, _ => 1 })
== E0642
A value of the subject's type never has the form of the pattern.
-- wrong
fun f(n: int): int => match (n) { "one" => 1, _ => 2 }
-- right
fun f(n: int): int => match (n) { 1 => 1, _ => 2 }
== E0643
A pattern has as many parts as the tuple or the variant.
-- wrong
let (a, b, c) = (1, 2)
-- right
let (a, b) = (1, 2)
== E0650
No value of the one type is ever of the other, so the cast would always raise a CastError.
-- wrong
fun f(n: int) => n as string
-- right
fun f(n: int) => str(n)
== E0651
The types tell what the test gives, so it tests nothing.
-- wrong
print(1 == "1")
-- right
print(str(1) == "1")
== E0653
The text behind the `:` of an interpolation is no format, or none of such a value: `d` and `x` are for ints, `f`, `e`, `g` and `%` for
numbers, `s` for the rest. All parts may be left out: `[[fill]align][sign][#][0][width][,][.precision][type]`.
-- wrong
let name = "Ann"
print("${name:.2f}")
-- right
let name = "Ann"
print("${name:>8}")
== E0652
The statement before never lets the program come here.
-- wrong
fun f() {
    return 1
    print("done")
}
-- right
fun f() {
    print("done")
    return 1
}
== E0660
Without `let` or `var` an assignment declares a variable of the whole function, and a misspelt name becomes a new variable.
Reported by `myna check --strict`.
-- wrong
total = 0
-- right
var total = 0
== E0661
Nothing tells the type of the parameter or variable, so what is done with it is checked only when the program runs.
Reported by `myna check --strict`.
-- wrong
fun double(n) => n * 2
-- right
fun double(n: int) => n * 2
== E0662
The variable gets a value that nobody reads. Reported by `myna check`.
-- wrong
fun f() { let n = 1 }
-- right
fun f() { let n = 1; return n }
== E0663
A name of a function around this one, or of the module, is not in sight here any more. Reported by
`myna check`.
-- wrong
let n = 1
fun f() { let n = 2; return n }
-- right
let n = 1
fun f() { let m = 2; return m }
== E0664
A name is imported, and nothing in the file uses it. The warning is given by `myna check`.
-- wrong
from math import sqrt, pi
print(pi)
-- right
from math import pi
print(pi)
== E0665
A function's name begins with `_`, so that only its own module can use it, and that does not. The warning is given by `myna check`.
-- wrong
fun _double(x) => x * 2
print(2)
-- right
fun _double(x) => x * 2
print(_double(1))
== E0670
The attributes that the language knows stand where they mean something: `@test` and `@bench` before functions at the top level that are
called without arguments, `@inline` and `@noinline` before functions and methods, `@export` before functions at the top level,
`@symbol` and `@blocking` before `extern` functions, `@c` before classes, `@deprecated` before any declaration. Parameters of functions have no attributes.
-- wrong
class Shape { @test fun area() => 1 }
-- right
class Shape { fun area() => 1 }
@test fun area_of_shape() { print(Shape().area()) }
== E0671
The arguments of an attribute are literals: numbers, strings, true, false, None, and lists of these. `@export` and `@symbol` take the name of a C
function, which `@export` may leave out, `@c` nothing outside the library, `@deprecated` a reason or nothing, the other attributes of the language nothing.
-- wrong
let limit = 3
@retry(limit) fun load() { }
-- right
@retry(3) fun load() { }
== E0672
A program may use any name as an attribute of its own, and read it by reflection. This one is so close to one that the language or its
library knows that it may be misspelt. Reported by `myna check`.
-- wrong
@tests fun adds() { }
-- right
@test fun adds() { }
== E0673
What is used here has the attribute `@deprecated`: it works, but there is something better. Reported by `myna check`.
-- wrong
@deprecated("use total") fun sum_up(xs: List<int>) => xs.sum()
print(sum_up([1, 2]))
-- right
fun total(xs: List<int>) => xs.sum()
print(total([1, 2]))
== E0680
A function of C takes and gives what C has: numbers, bools, strings, pointers, classes marked `@c`; it also takes bytes, arrays of
numbers, `Ref`, and functions, which it may call until it returns. The same holds for functions that C calls, those marked `@export`
and those given to C, but neither take functions, and those given to C take and give less. See the page about C in the language's specification.
-- wrong
extern "c" fun memcmp(a: List<int>, b: List<int>, size: u64): i32
-- right
extern "c" fun memcmp(a: Array<int>, b: Array<int>, size: u64): i32
== E0681
A class marked `@c` is laid out as a struct of C, so its fields are what C can have in one: numbers, bools, pointers, and other such
classes, which lie inside. It has no type parameters and no superclass, and it cannot contain itself.
-- wrong
@c class Person(name: string, age: i32)
-- right
@c class Person(height: f32, age: i32)
'''
