"""Not run, but checked: wrong code is marked, so that a lost check is an error."""

from __future__ import annotations

from typing_extensions import assert_type

from flask_responsekit import ConversionLoopError
from flask_responsekit import ConverterNotFoundError
from flask_responsekit import ResponseKitError


def get_types(error: ResponseKitError) -> tuple[type, ...]:
    if isinstance(error, ConverterNotFoundError):
        assert_type(error.type, type)
        return (error.type,)
    if isinstance(error, ConversionLoopError):
        assert_type(error.chain, tuple[type, ...])
        return error.chain
    unknown: type = error.type  # type: ignore[attr-defined]
    return (unknown,)


def is_error_of_python(
    missing: ConverterNotFoundError, loop: ConversionLoopError
) -> tuple[TypeError, ValueError]:
    return missing, loop
