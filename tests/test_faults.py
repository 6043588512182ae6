from __future__ import annotations

import pytest

from flask_responsekit import ConversionLoopError
from flask_responsekit.faults import name_fault


class Opaque:
    pass


def same(value):
    return value


def refuse(value):
    raise TypeError("refused")


def make_cycle():
    value = {"a": []}
    value["a"].append(value)
    return value


@pytest.mark.parametrize(
    ("value", "place"),
    [
        pytest.param([1, float("nan")], "value[1] is nan", id="nan"),
        pytest.param({"a": float("-inf")}, "value['a'] is -inf", id="infinity"),
        pytest.param({"a": [Opaque()]}, "value['a'][0] is a Opaque", id="unknown"),
        pytest.param([{(1,): 2}], "value[0] has the key (1,)", id="key"),
        pytest.param([{1: 2, "a": 3}], "value[0] has keys that are", id="keys"),
    ],
)
def test_fault_is_named_with_its_place(value, place):
    error = ValueError("No JSON")
    assert name_fault(error, value, refuse) is error
    assert str(error).startswith(f"No JSON ({place}")


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_constant_is_no_fault_where_the_encoder_has_something_for_it(number):
    error = ValueError("No JSON")
    value = [number, {"a": [number, Opaque()]}]
    assert name_fault(error, value, refuse, has_constants=True) is error
    assert str(error) == "No JSON (value[1]['a'][1] is a Opaque.)"


def test_error_stays_as_it_is_where_no_fault_is_found():
    error = ValueError("No JSON")
    assert name_fault(error, [Opaque(), None, "a"], same) is error
    assert str(error) == "No JSON"


def test_other_errors_are_left_alone():
    class OwnError(ValueError):
        pass

    error = OwnError("mine")
    assert name_fault(error, [float("nan")], same) is error
    assert str(error) == "mine"


def test_cycle_is_a_loop_that_is_named():
    found = name_fault(ValueError("Circular"), make_cycle(), same)
    assert isinstance(found, ConversionLoopError)
    assert "value['a'][0] contains itself" in str(found)


def test_endless_conversion_names_its_types():
    found = name_fault(RecursionError(), Opaque(), lambda value: [Opaque()])
    assert isinstance(found, ConversionLoopError)
    assert found.chain == (Opaque, list, Opaque)


def test_error_of_a_converter_does_not_hide_the_first():
    def fail(value):
        raise LookupError

    error = TypeError("No JSON")
    assert name_fault(error, [Opaque()], fail) is error
    assert str(error) == "No JSON"


def test_search_ends_in_data_without_end():
    calls = []

    def branch(value):
        calls.append(value)
        return [Opaque(), Opaque()]

    name_fault(ValueError("No JSON"), Opaque(), branch)
    assert len(calls) < 10_000
