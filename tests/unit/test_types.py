"""Types: identity, relations between them, their text, the predefined ones."""
import pytest

from myna.compiler.types import members, model
from myna.compiler.types.members import LIST, MAP, _Reader
from myna.compiler.types.model import (
    BOOL, CLASS, DYNAMIC, ENUM, ERROR, FLOAT, INT, NEVER, NONE, STRING, Declaration, TypeParam, instance, optional, substitute)
from myna.compiler.types.show import show
from myna.compiler.types.unify import assignable, bind, join, possible


def t(text, **names):
    """The type that a text means; `names` are type parameters."""
    return _Reader(text, names).type()


@pytest.mark.parametrize("text", [
    "int", "string?", "List<int>", "Map<string, List<float>>", "(int, string)", "fun(int, string): bool", "fun()",
    "(fun(int): int)?", "fun((int, int)): fun(): int", "List<List<int>?>"])
def test_a_type_shows_as_it_is_written(text):
    assert show(t(text)) == text


def test_equal_types_are_one_object():
    assert t("Map<string, (int, float?)>") is t("Map<string, (int, float?)>")
    assert t("List<int>") is not t("List<float>")
    assert model.record([("x", INT)]) is model.record([("x", INT)])


def test_optional_is_flat():
    assert optional(optional(INT)) is optional(INT)
    assert optional(NONE) is NONE and optional(DYNAMIC) is DYNAMIC


@pytest.mark.parametrize("value, place", [
    ("int", "int"), ("int", "float"), ("int", "int?"), ("None", "int?"), ("int", "float?"), ("never", "string"),
    ("dynamic", "int"), ("int", "dynamic"), ("List<dynamic>", "List<int>"), ("List<int>", "Iterable<int>"),
    ("string", "Comparable<string>"), ("Range", "Iterable<int>"), ("(int, string)", "(int?, string)"),
    ("fun(int?): int", "fun(int): int?"), ("fun(int): int", "fun(int)"), ("int", "i8"), ("i8", "int"), ("int", "f32")])
def test_assignable(value, place):
    assert assignable(t(value), t(place))


@pytest.mark.parametrize("value, place", [
    ("float", "int"), ("string", "int"), ("int?", "int"), ("None", "int"), ("List<int>", "List<float>"), ("List<int>", "List<int?>"),
    ("int", "string"), ("bool", "int"), ("(int, int)", "(int, int, int)"), ("(int, int)", "(float, int)"),
    ("fun(int): int", "fun(): int"), ("fun(int): int", "fun(int?): int"), ("fun(): string", "fun(): int"), ("bigint", "int")])
def test_not_assignable(value, place):
    assert not assignable(t(value), t(place))


@pytest.mark.parametrize("one, other, both", [
    ("int", "int", "int"), ("int", "float", "dynamic"), ("int?", "None", "int?"), ("int", "int?", "int?"),
    ("int", "string", "dynamic"), ("never", "int", "int"), ("dynamic", "int", "dynamic"),
    ("List<int>", "List<dynamic>", "dynamic"), ("Error", "IndexError", "Error")])
def test_join(one, other, both):
    assert join(t(one), t(other)) is t(both)
    assert join(t(other), t(one)) is t(both)


def test_what_failed_joins_as_nothing():
    assert join(ERROR, INT) is INT and join(INT, ERROR) is INT


@pytest.mark.parametrize("one, other, can", [
    ("int", "string", False), ("int", "float", True), ("int?", "string?", True), ("int?", "string", False),
    ("List<int>", "List<string>", False), ("List<int>", "Map<int, int>", False), ("Error", "IndexError", True),
    ("IndexError", "ValueError", False), ("int", "fun(): int", False), ("dynamic", "int", True)])
def test_possible(one, other, can):
    assert possible(t(one), t(other)) is can


def test_type_arguments_are_inferred():
    T, U = TypeParam("T"), TypeParam("U")
    found = {T: None, U: None}
    bind(t("Map<T, List<U>>", T=T, U=U), t("Map<string, List<int>>"), found)
    assert found == {T: STRING, U: INT}
    bind(t("fun(T): U", T=T, U=U), t("fun(string): int"), found)
    assert found == {T: STRING, U: INT}
    bind(T, FLOAT, found)
    assert found[T] is DYNAMIC


def test_substitution():
    T = TypeParam("T")
    assert substitute(t("fun(T, List<T>): (T, int)?", T=T), {T: BOOL}) is t("fun(bool, List<bool>): (bool, int)?")


def test_enums_are_covariant_and_classes_are_not():
    tree, box = Declaration("Tree", ENUM, object()), Declaration("Box", CLASS, object())
    tree.variance = "+"
    for decl in (tree, box):
        decl.type_params = (TypeParam("T", decl),)
    assert assignable(instance(tree, [NEVER]), instance(tree, [INT]))
    assert not assignable(instance(tree, [INT]), instance(tree, [FLOAT]))
    assert not assignable(instance(box, [INT]), instance(box, [optional(INT)]))


def test_every_predefined_member_can_be_read():
    for decl in members.BUILTINS.values():
        for name in decl.lazy:
            assert members.own_member(decl, name).type is not None, (decl, name)


def test_members_of_generic_types_are_found_with_their_arguments():
    member, mapping = members.find(instance(LIST, [INT]), "push")
    assert substitute(member.type, mapping).params == (INT,)
    member, mapping = members.find(instance(MAP, [STRING, FLOAT]), "values")
    assert substitute(member.type, mapping).result is t("List<float>")
    assert members.find(instance(LIST, [INT]), "missing") is None


def test_inherited_members_are_found():
    assert members.find(t("IndexError"), "message")[0].type is STRING


def test_a_type_whose_text_would_be_exponential_is_shortened():
    deep = INT
    for _ in range(60):
        deep = model.tuple_of([deep, deep])
    assert len(show(deep)) <= 120
