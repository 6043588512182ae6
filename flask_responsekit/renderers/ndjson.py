"""Data as lines of JSON."""

from __future__ import annotations

import json
import typing as t

from .rows import has_rows

# Kept to ASCII, so that no text has a character that some reader takes for a line end.
_to_json = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


class NDJSONRenderer:
    """Writes each item of a list as a line of JSON; anything else is one line.

    >>> NDJSONRenderer().render([{"id": 1}, {"id": 2}])
    b'{"id":1}\\n{"id":2}\\n'
    """

    name = "ndjson"
    mimetype = "application/x-ndjson"
    quality = 1.0
    aliases: tuple[str, ...] = ("application/jsonl",)

    def can_render(self, cls: type) -> bool:
        """Whether values of a type may be lists of records."""
        return has_rows(cls)

    def render(self, value: t.Any) -> bytes:
        """Write plain data.

        :raises ValueError: if it has NaN or an infinity (RFC 8259, section 6).
        """
        records = value if isinstance(value, list) else [value]
        lines = (_write(number, record) for number, record in enumerate(records, 1))
        return "".join(lines).encode()


def _write(number: int, record: t.Any) -> str:
    try:
        return f"{_to_json(record)}\n"
    except ValueError as error:
        raise ValueError(
            f"Record {number} cannot be written as JSON ({error}). Give None for a"
            " number that is NaN or infinite."
        ) from error
