"""What keeps a value from being JSON, and where it stands.

An encoder says what it cannot write, but not where. When one has failed, the value is
walked once more to find the place, which may take its time.
"""

from __future__ import annotations

import collections.abc as cabc
import math
import typing as t

from .exceptions import ConversionLoopError
from .exceptions import ConverterNotFoundError
from .typing import SCALAR_TYPES

if t.TYPE_CHECKING:
    from .typing import Converter

_MOST_PLACES = 10_000
_DEEPEST = 100


def name_fault(
    error: Exception, value: object, step: Converter, *, has_constants: bool = False
) -> Exception:
    """Say where the fault is of which an encoder has complained.

    :param step: makes something simpler of a value that is not plain.
    :param has_constants: the encoder has something for NaN and the infinities.
    :return: the error to raise: the encoder's own, or one for a loop.
    """
    endless = isinstance(error, RecursionError)
    if not endless and type(error) not in (
        TypeError,
        ValueError,
        ConverterNotFoundError,
    ):
        return error
    search = _Search(step, has_constants)
    try:
        fault = search.find(value, "value", ())
    except Exception:
        # A converter failed, as it did before: its own error says why.
        fault = None
    if search.loop or endless:
        return ConversionLoopError(
            _get_period(search.loop or search.deepest or (value,)),
            fault
            or f"What is inside a {type(value).__qualname__} is nested too deeply, or"
            " has no end.",
        )
    if fault is not None:
        error.args = (f"{error} ({fault})", *error.args[1:])
    return error


class _Search:
    """A walk through a value, from the outside in, to the first fault."""

    def __init__(self, step: Converter, has_constants: bool) -> None:
        self._step = step
        self._has_constants = has_constants
        self._places_left = _MOST_PLACES
        #: The values one in the other that contain themselves.
        self.loop: tuple[object, ...] = ()
        #: The values one in the other at which the walk was too deep to go on.
        self.deepest: tuple[object, ...] = ()

    def find(self, value: t.Any, place: str, outer: tuple[object, ...]) -> str | None:
        """Say what is wrong, in a sentence.

        :param outer: the values in which this one stands, the outermost first.
        """
        self._places_left -= 1
        if any(value is one for one in outer):
            self.loop = (*outer, value)
            return f"{place} contains itself."
        if self._is_constant(value):
            return f"{place} is {float(value)!r}, which JSON does not have."
        if type(value) in SCALAR_TYPES or self._places_left < 0 or self.deepest:
            return None
        outer = (*outer, value)
        if len(outer) > _DEEPEST:
            self.deepest = outer
            return None
        return self._find_in_parts(value, place, outer)

    def _is_constant(self, value: t.Any) -> bool:
        """Whether a value is a number that the encoder does not have."""
        is_number = isinstance(value, float) and not self._has_constants
        return is_number and not math.isfinite(value)

    def _find_in_parts(
        self, value: t.Any, place: str, outer: tuple[object, ...]
    ) -> str | None:
        if type(value) is dict and (fault := _find_fault_in_keys(value)) is not None:
            return f"{place} {fault}"
        try:
            parts = list(self._get_parts(value))
        except TypeError:
            return f"{place} is a {type(value).__qualname__}."
        except RecursionError:
            self.deepest = outer
            return None
        for key, part in parts:
            if (fault := self.find(part, place + key, outer)) is not None:
                return fault
        return None

    def _get_parts(self, value: t.Any) -> cabc.Iterator[tuple[str, t.Any]]:
        """What a value consists of, each part with how it is reached."""
        if type(value) is dict:
            for key, part in value.items():
                yield f"[{key!r}]", part
        elif type(value) in (list, tuple):
            for index, part in enumerate(value):
                yield f"[{index}]", part
        else:
            simpler = self._step(value)
            if simpler is not value:
                yield "", simpler


def _find_fault_in_keys(value: dict[t.Any, t.Any]) -> str | None:
    for key in value:
        if not (key is None or isinstance(key, (str, int, float))):
            return f"has the key {key!r}; JSON keys are text."
    if len({isinstance(key, str) for key in value}) > 1:
        return "has keys that are text and keys that are not."
    return None


def _get_period(values: tuple[object, ...]) -> tuple[type, ...]:
    """The types of values, up to where the first of them comes again that is no
    container; else, up to the first that comes again.
    """
    chain: tuple[type, ...] = ()
    for cls in map(type, values):
        if cls in chain and (cls not in (list, dict, tuple) or len(set(chain)) == 1):
            return (*chain, cls)
        chain += (cls,)
    return chain
