"""Data as lines of JSON."""

from __future__ import annotations

import collections.abc as cabc
import typing as t

from .json_rows import write_batches
from .json_rows import write_lines
from .protocol import as_it_is
from .rows import has_rows

if t.TYPE_CHECKING:
    from .protocol import ToPlain


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
        return b"".join(self.render_rows([records], as_it_is))

    def render_rows(
        self, batches: cabc.Iterable[list[t.Any]], to_plain: ToPlain
    ) -> cabc.Iterator[bytes]:
        """Write rows as they come."""
        return write_batches(batches, to_plain, write_lines)
