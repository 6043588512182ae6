"""Records under a header."""

from __future__ import annotations

import collections.abc as cabc
import csv
import io
import itertools
import numbers
import operator
import typing as t

from .cells import write_data
from .json_rows import add_advice

if t.TYPE_CHECKING:
    from .cells import CellWriter
    from .protocol import ToPlain

#: What shows its items.
_OPEN: t.Final = frozenset({dict, list, tuple})
#: Without one Python 3.10 takes NUL for it, and cannot write NUL. No text in UTF-8 has
#: this character.
_ESCAPE_CHARACTER = "\udfff"

Row: t.TypeAlias = "dict[str, t.Any] | list[t.Any]"


class Table:
    """Writes the records of one file.

    :param names: the header; ``None`` if there is none.
    :param first: the first row, which says what all are.
    :param is_strict: whether a row must not have keys that are not in the header.
    """

    def __init__(
        self,
        names: tuple[str, ...] | None,
        first: Row | None,
        to_plain: ToPlain,
        cells: CellWriter,
        *,
        is_strict: bool,
    ) -> None:
        self._names = names
        self._first = first
        self._to_plain = to_plain
        self._cells = cells
        self._is_strict = is_strict
        #: How many rows were written.
        self._count = 0

    @property
    def header(self) -> bytes:
        """The record of the names."""
        if self._names is None:
            return b""
        return _write_lines([self._write_cells("The header", self._names)])

    def write(self, rows: list[t.Any]) -> cabc.Iterator[bytes]:
        """Write rows: all together if they are alike, or else one by one, so that what
        precedes a bad one is written.
        """
        try:
            written = self._write_alike(rows)
        except Exception:
            written = None
        if written is not None:
            yield written
        else:
            for number, row in enumerate(rows, self._count + 1):
                yield _write_lines([self._write_row(number, row)])
        self._count += len(rows)

    def _write_alike(self, rows: list[t.Any]) -> bytes | None:
        """Write rows by columns, each of which is looked at as a whole."""
        if not self._to_plain.leaves_scalars:
            return None
        columns = self._get_columns(rows)
        if len(columns) < 2:
            # Some lines may be empty.
            return None
        lines = [*zip(*map(self._cells.write_column, columns), strict=True)]
        text = "\r\n".join(map(",".join, lines)) + "\r\n"
        takes_quotes = (
            '"' in text
            or text.count(",") > len(lines) * (len(columns) - 1)
            or text.count("\r") > len(lines)
            or text.count("\n") > len(lines)
        )
        return _write_lines(lines) if takes_quotes else text.encode()

    def _get_columns(self, rows: list[t.Any]) -> list[cabc.Sequence[t.Any]]:
        """Turn rows of one type round, if they can be."""
        names = self._names or ()
        kinds = {*map(type, rows)}
        if len(kinds) == 1 and not kinds <= _OPEN:
            attributes = self._to_plain.get_attributes(*kinds)
            if attributes == names and type(self._first) is dict:
                return [[*map(operator.attrgetter(name), rows)] for name in names]
            rows = [*map(self._to_plain.shallow, rows)]
            kinds = {*map(type, rows)}
        if kinds == {dict} and type(self._first) is dict:
            has_names = not self._is_strict or {*map(len, rows)} == {len(names)}
            is_text = {*map(type, itertools.chain.from_iterable(rows))} <= {str}
            if has_names and is_text:
                return [[*map(operator.itemgetter(name), rows)] for name in names]
        elif kinds <= {list, tuple} and type(self._first) is list:
            lengths = {*map(len, rows)}
            if len(lengths) == 1 and (not names or lengths == {len(names)}):
                return [*zip(*rows, strict=True)]
        return []

    def _write_row(self, number: int, row: t.Any) -> list[str]:
        cells = self._get_cells(number, open_row(row, self._to_plain))
        return self._write_cells(f"Row {number}", cells)

    def _get_cells(self, number: int, row: Row) -> list[t.Any]:
        names = self._names
        if type(row) is not type(self._first):
            raise ValueError(
                f"Row {number} is {_describe(row)}, and row 1 is"
                f" {_describe(self._first)}. Make all rows dicts, or none."
            )
        if isinstance(row, dict):
            if self._is_strict:
                self._check_keys(number, row)
            return [row.get(name) for name in names or ()]
        if names is not None and len(row) != len(names):
            raise ValueError(
                f"Row {number} has the length {len(row)}, but {len(names)} columns are"
                f" declared: {', '.join(names)}."
            )
        return row

    def _check_keys(self, number: int, row: dict[str, t.Any]) -> None:
        names = self._names or ()
        unknown = [name for name in row if name not in names]
        if unknown:
            raise ValueError(
                f"Row {number} has {', '.join(map(repr, unknown))}, but the header,"
                " which was written when row 1 came, has"
                f" {', '.join(names) or 'no columns'}. Declare all columns:"
                " CSVRenderer(columns=...)."
            )

    def _write_cells(self, place: str, cells: cabc.Iterable[t.Any]) -> list[str]:
        texts = []
        columns = self._names or itertools.count(1)
        for column, cell in zip(columns, cells, strict=False):
            plain = self._to_plain(cell)
            try:
                texts.append(self._cells.write(cell, plain))
            except ValueError as error:
                message = f"{place}, column {column!r}: {error}"
                raise ValueError(add_advice(message, error)) from error
        return texts


def _write_lines(lines: cabc.Iterable[cabc.Sequence[str]]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, escapechar=_ESCAPE_CHARACTER)
    # Readers skip empty lines, so a row without cells has one that is empty.
    writer.writerows(line or [""] for line in lines)
    return file.getvalue().encode()


def open_row(row: t.Any, to_plain: ToPlain) -> Row:
    row = open_value(row, to_plain)
    if isinstance(row, dict):
        return {_write_key(key, to_plain): cell for key, cell in row.items()}
    return [*row] if isinstance(row, (list, tuple)) else [row]


def open_value(value: t.Any, to_plain: ToPlain) -> t.Any:
    """Make a value what shows its items, unless it is a number, whose type matters."""
    if type(value) in _OPEN:
        return value
    opened = to_plain.shallow(value)
    is_number = isinstance(value, numbers.Number)
    return value if is_number and type(opened) not in _OPEN else opened


def _write_key(key: t.Any, to_plain: ToPlain) -> str:
    """Write a key as JSON does."""
    plain = key if type(key) is str else to_plain(key)
    if isinstance(plain, (dict, list)):
        raise TypeError(
            f"The key {key!r} became a {type(plain).__name__}; the names of columns are"
            " text."
        )
    return plain if isinstance(plain, str) else write_data(plain)


def unite(rows: list[Row]) -> tuple[str, ...] | None:
    """Name each key once, in order of appearance; ``None`` if rows have no keys."""
    if not rows or not isinstance(rows[0], dict):
        return None
    return tuple(dict.fromkeys(itertools.chain.from_iterable(rows)))


def _describe(row: object) -> str:
    return "a dict" if isinstance(row, dict) else "no dict"
