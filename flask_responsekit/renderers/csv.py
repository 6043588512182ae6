"""Rows as comma-separated values."""

from __future__ import annotations

import collections.abc as cabc
import csv
import io
import itertools
import numbers
import operator
import typing as t

from .cells import CellWriter
from .cells import FORMULAS_MODES
from .cells import write_data
from .json_rows import add_advice
from .protocol import as_it_is
from .rows import has_rows

if t.TYPE_CHECKING:
    from .protocol import ToPlain

#: What shows its items.
_OPEN: t.Final = frozenset({dict, list, tuple})
#: What has items, though it is not data that JSON could write.
_ITERATED = (cabc.Iterator, cabc.MappingView, range)
#: What is one row, though it could be iterated.
_ROWS = (dict, str, bytes)
#: Without one Python 3.10 takes NUL for it, and cannot write NUL. No text in UTF-8 has
#: this character.
_ESCAPE_CHARACTER = "\udfff"


class CSVRenderer:
    """Writes a list as the records of a CSV file in UTF-8 (RFC 4180).

    Dicts are rows under their keys; lists are rows without a header; what holds nothing
    is a row of one cell. Cells that hold data are JSON.

    >>> CSVRenderer().render([{"id": 1, "note": "=1+1"}, {"id": 2, "tags": ["a"]}])
    b'id,note,tags\\r\\n1,\\'=1+1,\\r\\n2,,"[""a""]"\\r\\n'

    :param columns: the header, and what is taken of dicts, in this order. All keys, in
        order of appearance, if not given; those of the first row in a stream.
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
        if formulas not in FORMULAS_MODES:
            raise ValueError(
                f"formulas={formulas!r} is none of {', '.join(FORMULAS_MODES)}."
            )
        self._columns = None if columns is None else _check_columns(columns)
        self._formulas = formulas

    def can_render(self, cls: type) -> bool:
        """Whether values of a type have rows."""
        return has_rows(cls)

    def render(self, value: t.Any) -> bytes:
        """Write plain data."""
        return self.render_value(value, type(value), as_it_is)

    def render_value(self, value: t.Any, cls: type, to_plain: ToPlain) -> bytes:
        """Write a value, making each cell plain, so that numbers stay known as such.

        :raises ValueError: if rows do not fit together, or a text cannot be written.
        """
        rows = [_open_row(row, to_plain) for row in _get_rows(value, to_plain)]
        table = self._make_table(rows, to_plain)
        return b"".join([table.header, *table.write(rows)])

    def render_rows(
        self, batches: cabc.Iterable[list[t.Any]], to_plain: ToPlain
    ) -> cabc.Iterator[bytes]:
        """Write rows as they come, under the keys of the first.

        :raises ValueError: if a later row has another key, unless the columns are
            declared, or is no dict though the first is one.
        """
        table: _Table | None = None
        for batch in batches:
            if not batch:
                yield b""
                continue
            if table is None:
                table = self._make_table([_open_row(batch[0], to_plain)], to_plain)
                written = table.write(batch)
                # Together: what cannot be written of the first row is no half a file.
                yield table.header + next(written)
                yield from written
            else:
                yield from table.write(batch)
        if table is None:
            yield self._make_table([], to_plain).header

    def _make_table(self, rows: list[_Row], to_plain: ToPlain) -> _Table:
        """
        :param rows: what says which columns there are, and what a row is.
        """
        names = self._columns or _unite(rows)
        first = rows[0] if rows else None
        cells = CellWriter(to_plain, self._formulas)
        return _Table(names, first, to_plain, cells, is_strict=self._columns is None)


class _Table:
    """Writes the records of one file.

    :param names: the header; ``None`` if there is none.
    :param first: the first row, which says what all are.
    :param is_strict: whether a row must not have keys that are not in the header.
    """

    def __init__(
        self,
        names: tuple[str, ...] | None,
        first: _Row | None,
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
        cells = self._get_cells(number, _open_row(row, self._to_plain))
        return self._write_cells(f"Row {number}", cells)

    def _get_cells(self, number: int, row: _Row) -> list[t.Any]:
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


def _unite(rows: list[_Row]) -> tuple[str, ...] | None:
    """Name each key once, in order of appearance; ``None`` if rows have no keys."""
    if not rows or not isinstance(rows[0], dict):
        return None
    return tuple(dict.fromkeys(itertools.chain.from_iterable(rows)))


def _describe(row: object) -> str:
    return "a dict" if isinstance(row, dict) else "no dict"
