"""Plain data as JSON, as the app writes it."""

from __future__ import annotations

import typing as t

from flask import current_app

if t.TYPE_CHECKING:
    from flask import Response


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
