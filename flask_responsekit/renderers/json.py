"""Plain data as JSON, as the app writes it."""

from __future__ import annotations

import collections.abc as cabc
import typing as t

from flask import current_app

from .json_rows import write_batches
from .json_rows import write_items

if t.TYPE_CHECKING:
    from flask import Response

    from .protocol import ToPlain


class JSONRenderer:
    """Write JSON through the provider of the current app, so that there is one JSON for
    views, ``jsonify``, templates and the kit.
    """

    name = "json"
    mimetype = "application/json"
    quality = 1.0
    aliases: tuple[str, ...] = ()

    def can_render(self, cls: type, /) -> bool:
        """Take any type."""
        return True

    def render(self, value: t.Any, /) -> bytes:
        """Write the body that :meth:`app.json.response` gives."""
        response: Response = current_app.json.response(value)  # type: ignore[assignment]
        return response.get_data()

    def render_rows(
        self, batches: cabc.Iterable[list[t.Any]], to_plain: ToPlain, /
    ) -> cabc.Iterator[bytes]:
        """Write rows as the items of an array, which ends when all went well."""
        opening = b"["
        for written in write_batches(batches, to_plain, write_items):
            if written:
                yield opening + written
                opening = b","
            else:
                yield b""
        yield b"]" if opening == b"," else b"[]"
