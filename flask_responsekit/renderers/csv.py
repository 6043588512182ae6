"""Rows as comma-separated values."""

from __future__ import annotations

import collections.abc as cabc
import typing as t

from ..libraries.registrations import find_csv_writer
from ..libraries.registrations import open_series
from .cells import CellWriter
from .cells import FORMULAS_MODES
from .protocol import as_it_is
from .rows import has_rows
from .table import open_row
from .table import open_value
from .table import Table
from .table import unite

if t.TYPE_CHECKING:
    from .protocol import ToPlain
    from .table import Row

#: What has items, though it is not data that JSON could write.
_ITERATED = (cabc.Iterator, cabc.MappingView, range)
#: What is one row, though it could be iterated.
_ROWS = (dict, str, bytes)


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
        Frames of other libraries write themselves where that makes no difference.

        :raises ValueError: if rows do not fit together, or a text cannot be written.
        """
        written = self._write_frame(value, to_plain)
        if written is not None:
            return written
        value = open_series(value)
        rows = [open_row(row, to_plain) for row in _get_rows(value, to_plain)]
        table = self._make_table(rows, to_plain)
        return b"".join([table.header, *table.write(rows)])

    def _write_frame(self, value: t.Any, to_plain: ToPlain) -> bytes | None:
        write = find_csv_writer(type(value))
        if write is None or self._columns is not None or not to_plain.leaves_scalars:
            return None
        return write(value, self._formulas, to_plain.is_converted)

    def render_rows(
        self, batches: cabc.Iterable[list[t.Any]], to_plain: ToPlain
    ) -> cabc.Iterator[bytes]:
        """Write rows as they come, under the keys of the first.

        :raises ValueError: if a later row has another key, unless the columns are
            declared, or is no dict though the first is one.
        """
        table: Table | None = None
        for batch in batches:
            if not batch:
                yield b""
                continue
            if table is None:
                table = self._make_table([open_row(batch[0], to_plain)], to_plain)
                written = table.write(batch)
                # Together: what cannot be written of the first row is no half a file.
                yield table.header + next(written)
                yield from written
            else:
                yield from table.write(batch)
        if table is None:
            yield self._make_table([], to_plain).header

    def _make_table(self, rows: list[Row], to_plain: ToPlain) -> Table:
        """Begin a file.

        :param rows: what says which columns there are, and what a row is.
        """
        names = self._columns or unite(rows)
        first = rows[0] if rows else None
        cells = CellWriter(to_plain, self._formulas)
        return Table(names, first, to_plain, cells, is_strict=self._columns is None)


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
        value = open_value(value, to_plain)
    is_list = isinstance(value, cabc.Iterable)
    return value if is_list and not isinstance(value, _ROWS) else [value]
