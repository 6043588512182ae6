from __future__ import annotations

import http
import io

import pytest
from werkzeug.datastructures import Headers

from flask_responsekit import ConversionLoopError
from flask_responsekit import ConverterRegistry
from flask_responsekit.conversion import convert


class A:
    pass


class SubA(A):
    pass


class B:
    pass


def converted(value, inside=False, **converters):
    registry = ConverterRegistry()
    for name, converter in converters.items():
        registry.add({"a": A, "b": B, "none": type(None)}[name], converter)
    return convert(value, registry, inside=inside)


def test_conversion_goes_on_until_nothing_takes_the_value():
    assert converted(A(), a=lambda a: B(), b=lambda b: "end") == ("end", None, None)


def test_value_without_converter_stays():
    assert converted("text", a=lambda a: 1) == ("text", None, None)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (("text", 201, {"X": "1"}), ("text", 201, {"X": "1"})),
        (("text", 201), ("text", 201, None)),
        (("text", "404 Gone"), ("text", "404 Gone", None)),
        (("text", b"404 Gone"), ("text", b"404 Gone", None)),
        (("text", http.HTTPStatus.CREATED), ("text", 201, None)),
        (("text", {"X": "1"}), ("text", None, {"X": "1"})),
        (("text", [("X", "1")]), ("text", None, [("X", "1")])),
        (("text", Headers({"X": "1"})), ("text", None, Headers({"X": "1"}))),
        (("text", None, None), ("text", None, None)),
        (([1, 2], 201), ([1, 2], 201, None)),
    ],
)
def test_converter_gives_status_and_headers_as_a_view_does(result, expected):
    assert converted(A(), a=lambda a: result) == expected


def test_status_and_headers_of_the_outer_converter_win():
    body, status, headers = converted(
        A(),
        a=lambda a: (B(), 201, {"X-Both": "outer", "X-A": "1"}),
        b=lambda b: ("text", 500, {"x-both": "inner", "X-B": "2"}),
    )
    assert (body, status) == ("text", 201)
    assert dict(headers) == {"X-Both": "outer", "X-A": "1", "X-B": "2"}


def test_status_and_headers_of_the_inner_converter_fill_in():
    inner = ("text", 202, {"X": "1"})
    expected = ("text", 202, {"X": "1"})
    assert converted(A(), a=lambda a: B(), b=lambda b: inner) == expected
    assert converted(A(), a=lambda a: (B(), {}), b=lambda b: inner) == expected


NO_RESPONSES = [(), (1,), (1, 2, 3, 4), (1.5, 2.5), (1, 2), (1, True), ("a", 1000)]
NO_RESPONSES += [("x", 200, "y"), ("x", {}, {}), ("Ada", "Lovelace"), (b"a", b"b")]
NO_RESPONSES += [([1, 2], [3, 4]), ((1, 2), (3, 4)), ("x", 200, ["y"])]


@pytest.mark.parametrize("result", NO_RESPONSES, ids=repr)
def test_tuple_that_was_meant_as_data_is_refused(result):
    with pytest.raises(TypeError, match="<lambda>.* returned a tuple.*Return a list"):
        converted(A(), a=lambda a: result)


@pytest.mark.parametrize(
    ("converters", "chain"),
    [
        pytest.param({"a": lambda a: a}, (A, A), id="own input"),
        pytest.param({"a": lambda a: A()}, (A, A), id="same type"),
        pytest.param({"a": lambda a: B(), "b": lambda b: A()}, (A, B, A), id="back"),
        pytest.param({"a": lambda a: B(), "b": lambda b: b}, (A, B, B), id="later"),
        pytest.param({"a": lambda a: (a, 201)}, (A, A), id="in a tuple"),
        pytest.param({"a": lambda a: SubA()}, (A, SubA, SubA), id="subclass"),
    ],
)
@pytest.mark.parametrize("inside", [False, True])
def test_loop_is_an_error_that_names_the_chain(converters, chain, inside):
    with pytest.raises(ConversionLoopError) as raised:
        converted(A(), inside, **converters)
    assert raised.value.chain == chain
    assert " -> ".join(cls.__name__ for cls in chain) in str(raised.value)


@pytest.mark.parametrize("result", [None, (None, 204)])
def test_converter_that_returns_none_is_told_so(result):
    with pytest.raises(TypeError, match="<lambda> returned None for a A.*type.None"):
        converted(A(), a=lambda a: result)


@pytest.mark.parametrize("result", [None, (None, 204)])
def test_converter_may_return_none_where_none_has_a_converter(result):
    body, status, _ = converted(A(), a=lambda a: result, none=lambda none: ("", 204))
    assert (body, status) == ("", 204)


@pytest.mark.parametrize("result", [B, (B, 201)])
def test_converter_that_returns_a_class_is_told_so(result):
    with pytest.raises(TypeError, match="returned the class B for a A"):
        converted(A(), a=lambda a: result)


def test_error_of_a_converter_is_its_own():
    with pytest.raises(ZeroDivisionError):
        converted(A(), a=lambda a: 1 / 0)


@pytest.mark.parametrize("cls", [int, str, list, dict, type(None)])
def test_inside_data_plain_values_stay(cls):
    registry = ConverterRegistry()
    registry.add(cls, str)
    registry.add(A, lambda a: cls())
    assert convert(A(), registry, inside=True)[0] == cls()
    assert convert(cls(), registry, inside=True)[0] == cls()


def test_what_gives_plain_data_is_left_to_the_renderer():
    registry = ConverterRegistry()
    registry.add(A, lambda a: B())
    registry.add(B, lambda b: 1, plain=True)
    assert type(convert(A(), registry)[0]) is B


def test_body_beside_headers_that_are_none_is_closed():
    converters = ConverterRegistry()
    file = io.BytesIO(b"text")
    converters.add(complex, lambda value: (file, 200, [1]))
    with pytest.raises(TypeError, match="returned a tuple"):
        convert(1j, converters)
    assert file.closed


def test_text_beside_headers_that_are_none_is_refused():
    converters = ConverterRegistry()
    converters.add(complex, lambda value: ("text", 200, [1]))
    with pytest.raises(TypeError, match="returned a tuple"):
        convert(1j, converters)
