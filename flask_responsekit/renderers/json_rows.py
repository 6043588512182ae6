"""Rows as JSON, many at a time."""

from __future__ import annotations

import collections.abc as cabc
import functools
import itertools
import json
import math
import re
import typing as t

from ..typing import SCALAR_TYPES

if t.TYPE_CHECKING:
    from .protocol import ToPlain

# Kept to ASCII, so that no text has a character that some reader takes for a line end.
_to_json = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode
_escape = json.encoder.encode_basestring_ascii

#: Writes rows of plain data.
WriteRows: t.TypeAlias = cabc.Callable[[list[t.Any]], bytes]


def write_line(value: t.Any) -> str:
    """Write plain data as JSON in a line.

    :raises ValueError: if it has NaN or an infinity (RFC 8259, section 6).
    """
    return _to_json(value)


def write_lines(rows: list[t.Any]) -> bytes:
    r"""Write each row of plain data as a line.

    >>> write_lines([{"id": 1}, {"id": 2}])
    b'{"id":1}\n{"id":2}\n'
    """
    written = _write_quickly(rows, as_lines=True)
    if written is not None:
        return written
    return "".join([f"{_to_json(row)}\n" for row in rows]).encode()


def write_items(rows: list[t.Any]) -> bytes:
    """Write rows of plain data as what stands between the brackets of an array.

    >>> write_items([{"id": 1}, {"id": 2}])
    b'{"id":1},{"id":2}'
    """
    written = _write_quickly(rows, as_lines=False)
    if written is not None:
        return written[1:-1]
    return _to_json(rows)[1:-1].encode()


def write_batches(
    batches: cabc.Iterable[list[t.Any]], to_plain: ToPlain, write: WriteRows
) -> cabc.Iterator[bytes]:
    """Write rows that come in batches. What precedes a row that cannot be written is
    given before the error is raised.
    """
    number = 0
    for batch in batches:
        try:
            written = write(to_plain.each(batch))
        except Exception:
            for place, row in enumerate(batch, number + 1):
                yield _write_one(place, row, to_plain, write)
        else:
            yield written
        number += len(batch)


def _write_one(number: int, row: t.Any, to_plain: ToPlain, write: WriteRows) -> bytes:
    plain = to_plain(row)
    try:
        return write([plain])
    except ValueError as error:
        message = f"Record {number} cannot be written as JSON ({error})."
        raise ValueError(add_advice(message, error)) from error


def add_advice(message: str, error: ValueError) -> str:
    """Say what to do, if it was a number that JSON does not have."""
    # How this goes on differs from one Python to the next.
    if not str(error).startswith("Out of range float"):
        return message
    message = message.removesuffix(".")
    return f"{message}. Give None for a number that is NaN or infinite."


class _QuickEncoder(t.Protocol):
    def encode(self, rows: t.Any, /) -> bytes: ...

    def encode_lines(self, rows: t.Any, /) -> bytes: ...


@functools.cache
def find_quick_encoder() -> _QuickEncoder | None:
    """An encoder that is quicker than that of the standard library, if there is one."""
    try:
        import msgspec
    except ImportError:
        return None
    return msgspec.json.Encoder()


def _write_quickly(rows: list[t.Any], *, as_lines: bool) -> bytes | None:
    """Write what the standard library would; ``None`` where that is not sure."""
    quick = find_quick_encoder()
    if quick is None:
        return None
    try:
        written = quick.encode_lines(rows) if as_lines else quick.encode(rows)
    except Exception:
        # Such as for a number of more than 64 bits.
        return None
    if b"null" in written and not _is_finite(rows):
        return None
    if written.isascii() and b"\x7f" not in written:
        return written
    return re.sub(_NOT_ASCII, _escape_match, written.decode()).encode()


#: What the standard library escapes as well, apart from what JSON has escaped.
_NOT_ASCII: t.Final = "[^\x00-\x7e]+"


def _escape_match(match: re.Match[str]) -> str:
    return _escape(match[0])[1:-1]


def _is_finite(rows: list[t.Any]) -> bool:
    """Whether it is sure, at a glance, that there is no NaN and no infinity in rows."""
    kinds = {*map(type, rows)}
    if kinds == {dict}:
        rows = [*map(dict.values, rows)]
    elif kinds != {list}:
        return False
    cells = [*itertools.chain.from_iterable(rows)]
    floats = [cell for cell in cells if type(cell) is float]
    return {*map(type, cells)} <= SCALAR_TYPES and all(map(math.isfinite, floats))
