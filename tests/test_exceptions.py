from __future__ import annotations

import pickle

import pytest

from flask_responsekit import ConversionLoopError
from flask_responsekit import ConverterNotFoundError
from flask_responsekit import ResponseKitError


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        pytest.param(ConverterNotFoundError(int, "Here is one."), TypeError, id="none"),
        pytest.param(ConversionLoopError((int, str, int)), ValueError, id="loop"),
    ],
)
def test_error_can_be_caught_by_what_python_raises(error, builtin):
    assert isinstance(error, ResponseKitError)
    assert isinstance(error, builtin)


def test_converter_not_found_says_what_to_do():
    error = ConverterNotFoundError(complex, "The view returned a complex.")
    assert error.type is complex
    assert str(error).startswith("The view returned a complex.")
    assert "kit.add_converter(complex, ...)" in str(error)


def test_converter_not_found_says_what_else_is_known():
    error = ConverterNotFoundError(complex, "Here is one.", "Give its parts.")
    assert str(error) == "Here is one. No converter takes it. Give its parts."


def test_loop_names_its_chain():
    error = ConversionLoopError((int, str, int))
    assert error.chain == (int, str, int)
    assert "int -> str -> int" in str(error)


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(ConverterNotFoundError(int, "Here is one."), id="not found"),
        pytest.param(ConverterNotFoundError(int, "One.", "Do this."), id="advice"),
        pytest.param(ConversionLoopError((int, int), "It is here."), id="loop"),
    ],
)
def test_error_survives_pickling_with_its_message(error):
    error.args = (f"{error} (value['a'])",)
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)
