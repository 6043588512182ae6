"""The cells of a CSV file."""

from __future__ import annotations

import collections.abc as cabc
import json
import math
import numbers
import operator
import re
import typing as t

from .json_rows import find_quick_encoder

if t.TYPE_CHECKING:
    from .protocol import ToPlain

#: What makes a formula of a text in a spreadsheet (CWE-1236).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
#: What can be done with such text.
FORMULAS_MODES: t.Final = ("escape", "raw", "reject")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?(/\d+)?")
#: Writes plain data into a cell.
write_data = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":")
).encode
#: Writes cells of which nothing need be known but the type.
_WRITERS: dict[type, cabc.Callable[[t.Any], str]] = {
    type(None): lambda cell: "",
    bool: ("false", "true").__getitem__,
    int: repr,
}


class CellWriter:
    """Writes cells as text.

    :param to_plain: makes plain data of a cell.
    :param formulas: what to do with text that a spreadsheet would compute, one of
        :data:`FORMULAS_MODES`.
    """

    def __init__(self, to_plain: ToPlain, formulas: str) -> None:
        self._to_plain = to_plain
        self._formulas = formulas

    def write(self, cell: t.Any, plain: t.Any) -> str:
        """Write a cell.

        :param plain: what plain data it is.
        :raises ValueError: if it cannot be written, or is refused.
        """
        if plain is None:
            return ""
        text = plain if isinstance(plain, str) else write_data(plain)
        # Here and not at the end, where nobody would know of which cell it came.
        text.encode()
        is_number = isinstance(cell, numbers.Number) and _is_number(text)
        return text if is_number or text is not plain else self._guard(text)

    def write_column(self, cells: cabc.Sequence[t.Any]) -> cabc.Sequence[str]:
        """Write the cells of a column, quickly if they are of one simple type."""
        kinds = {*map(type, cells)}
        if kinds == {str, type(None)}:
            cells = ["" if cell is None else cell for cell in cells]
            kinds = {str}
        if kinds == {str}:
            firsts = {*map(operator.itemgetter(0), filter(None, cells))}
            if firsts.isdisjoint(_FORMULA_STARTS):
                return cells
        elif kinds == {float}:
            texts = _write_floats(cells)
            if texts is not None:
                return texts
        elif len(kinds) == 1 and kinds <= _WRITERS.keys():
            (kind,) = kinds
            return [*map(_WRITERS[kind], cells)]
        return [*map(self._convert, cells)]

    def _convert(self, cell: t.Any) -> str:
        if type(cell) in _WRITERS:
            return _WRITERS[type(cell)](cell)
        return self.write(cell, self._to_plain(cell))

    def _guard(self, text: str) -> str:
        if self._formulas == "raw" or not text.startswith(_FORMULA_STARTS):
            return text
        if self._formulas == "reject":
            raise ValueError(
                f"{text!r} would be computed by a spreadsheet. Choose"
                " formulas='escape', or formulas='raw' if no spreadsheet reads it."
            )
        return f"'{text}"


def _is_number(text: str) -> bool:
    """Whether a number is still one as its converter gives it."""
    return _NUMBER.fullmatch(text) is not None


def _write_floats(cells: cabc.Sequence[float]) -> list[str] | None:
    """Write numbers as Python does; ``None`` if not all are finite."""
    quick = find_quick_encoder()
    if quick is not None:
        text = quick.encode(cells).decode()
        # What is no number, very large or very small, it has another form for.
        if "n" not in text and "e" not in text and "0.0000" not in text:
            return text[1:-1].split(",")
    return [*map(repr, cells)] if all(map(math.isfinite, cells)) else None
