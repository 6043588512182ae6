"""Rows as comma-separated values."""

from __future__ import annotations

import collections.abc as cabc
import csv
import io
import itertools
import json
import numbers
import re
import typing as t

from .rows import has_rows

if t.TYPE_CHECKING:
    from .protocol import ToPlain

#: What shows its items.
_OPEN = (dict, list, tuple)
#: What has items, though it is not data that JSON could write.
_ITERATED = (cabc.Iterator, cabc.MappingView, range)
#: What is one row, though it could be iterated.
_ROWS = (dict, str, bytes)
#: What makes a formula of a text in a spreadsheet (CWE-1236).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_MODES = ("escape", "raw", "reject")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?(/\d+)?")
#: Without one Python 3.10 takes NUL for it, and cannot write NUL. No text in UTF-8 has
#: this character.
_ESCAPE_CHARACTER = "\udfff"
_to_json = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":")
).encode


class CSVRenderer:
    """Writes a list as the records of a CSV file in UTF-8 (RFC 4180).

    Dicts are rows under their keys; lists are rows without a header; what holds nothing
    is a row of one cell. Cells that hold data are JSON.

    >>> CSVRenderer().render([{"id": 1, "note": "=1+1"}, {"id": 2, "tags": ["a"]}])
    b'id,note,tags\\r\\n1,\\'=1+1,\\r\\n2,,"[""a""]"\\r\\n'

    :param columns: the header, and what is taken of dicts, in this order. All keys, in
        order of appearance, if not given.
    :param formulas: what to do with text that a spreadsheet would compute (CWE-1236):
        ``"escape"`` puts an apostrophe before it, ``"reject"`` raises
        :exc:`ValueError`, ``"raw"`` leaves it as it is.
    """

    name = "csv"
    mimetype = "text/csv"
    quality = 1.0
    aliases: tuple[str, ...] = ()

    def __init__(
        self,
        *,
        columns: cabc.Iterable[str] | None = None,
        formulas: str = "escape",
    ) -> None:
        if formulas not in _MODES:
            raise ValueError(f"formulas={formulas!r} is none of {', '.join(_MODES)}.")
        self._columns = None if columns is None else _check_columns(columns)
        self._formulas = formulas

    def can_render(self, cls: type) -> bool:
        """Whether values of a type have rows."""
        return has_rows(cls)

    def render(self, value: t.Any) -> bytes:
        """Write plain data."""
        return self.render_value(value, type(value), _AsItIs())

    def render_value(self, value: t.Any, cls: type, to_plain: ToPlain) -> bytes:
        """Write a value, making each cell plain, so that numbers stay known as such.

        :raises ValueError: if rows do not fit together, or a text cannot be written.
        """
        rows = [_open_row(row, to_plain) for row in _get_rows(value, to_plain)]
        names = _unite(rows) if self._columns is None else self._columns
        lines = [] if names is None else [self._write("The header", names, names)]
        for number, row in enumerate(rows, 1):
            cells = self._get_cells(number, row, rows[0], names)
            lines.append(self._write(f"Row {number}", names, cells, to_plain))
        file = io.StringIO(newline="")
        writer = csv.writer(file, escapechar=_ESCAPE_CHARACTER)
        # Readers skip empty lines, so a row without cells has one that is empty.
        writer.writerows(line or [""] for line in lines)
        return file.getvalue().encode()

    def _get_cells(
        self, number: int, row: _Row, first: _Row, names: tuple[str, ...] | None
    ) -> list[t.Any]:
        if type(row) is not type(first):
            raise ValueError(
                f"Row {number} is {_describe(row)}, and row 1 is {_describe(first)}."
                " Make all rows dicts, or none."
            )
        if isinstance(row, dict):
            return [row.get(name) for name in names or ()]
        if names is not None and len(row) != len(names):
            raise ValueError(
                f"Row {number} has the length {len(row)}, but {len(names)} columns are"
                f" declared: {', '.join(names)}."
            )
        return row

    def _write(
        self,
        place: str,
        names: tuple[str, ...] | None,
        cells: cabc.Sequence[t.Any],
        to_plain: cabc.Callable[[t.Any], t.Any] = str,
    ) -> list[str]:
        texts = []
        for column, cell in zip(names or itertools.count(1), cells, strict=False):
            plain = to_plain(cell)
            try:
                texts.append(self._write_cell(cell, plain))
            except ValueError as error:
                raise ValueError(f"{place}, column {column!r}: {error}") from error
        return texts

    def _write_cell(self, cell: t.Any, plain: t.Any) -> str:
        if plain is None:
            return ""
        text = plain if isinstance(plain, str) else _to_json(plain)
        # Here and not at the end, where nobody would know of which cell it came.
        text.encode()
        is_number = isinstance(cell, numbers.Number) and _is_number(text)
        return text if is_number or text is not plain else self._guard(text)

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


class _AsItIs:
    """What makes plain data of plain data."""

    def __call__(self, value: object, /) -> t.Any:
        return value

    shallow = __call__


_Row: t.TypeAlias = "dict[str, t.Any] | list[t.Any]"


def _check_columns(columns: cabc.Iterable[str]) -> tuple[str, ...]:
    names = tuple(columns)
    is_text = isinstance(columns, (str, bytes))
    if is_text or not all(isinstance(name, str) for name in names):
        raise TypeError(f"columns={columns!r} is not a list of names.")
    if not names or len({*names}) < len(names):
        raise ValueError(f"columns={columns!r} has no name, or one of them twice.")
    return names


def _get_rows(value: t.Any, to_plain: ToPlain) -> cabc.Iterable[t.Any]:
    """List what becomes a row each, which is the value itself if it has no items."""
    if not isinstance(value, _ITERATED):
        value = _open(value, to_plain)
    is_list = isinstance(value, cabc.Iterable)
    return value if is_list and not isinstance(value, _ROWS) else [value]


def _open_row(row: t.Any, to_plain: ToPlain) -> _Row:
    row = _open(row, to_plain)
    if isinstance(row, dict):
        return {_write_key(key, to_plain): cell for key, cell in row.items()}
    return [*row] if isinstance(row, (list, tuple)) else [row]


def _open(value: t.Any, to_plain: ToPlain) -> t.Any:
    """Make a value what shows its items, unless it is a number, whose type matters."""
    if type(value) in _OPEN:
        return value
    opened = to_plain.shallow(value)
    is_number = isinstance(value, numbers.Number)
    return value if is_number and not isinstance(opened, _OPEN) else opened


def _write_key(key: t.Any, to_plain: ToPlain) -> str:
    """Write a key as JSON does."""
    plain = key if type(key) is str else to_plain(key)
    if isinstance(plain, (dict, list)):
        raise TypeError(
            f"The key {key!r} became a {type(plain).__name__}; the names of columns are"
            " text."
        )
    return plain if isinstance(plain, str) else _to_json(plain)


def _unite(rows: list[_Row]) -> tuple[str, ...] | None:
    """Name each key once, in order of appearance; ``None`` if rows have no keys."""
    if not rows or not isinstance(rows[0], dict):
        return None
    return tuple(dict.fromkeys(itertools.chain.from_iterable(rows)))


def _describe(row: _Row) -> str:
    return "a dict" if isinstance(row, dict) else "no dict"
