"""Data as text for people."""

from __future__ import annotations

import json
import typing as t

_to_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=2).encode


class TextRenderer:
    """Writes text as it is, ``None`` as no text, and other data as indented JSON.

    >>> print(TextRenderer().render({"id": 1}).decode())
    {
      "id": 1
    }
    """

    name = "text"
    mimetype = "text/plain"
    quality = 1.0
    aliases: tuple[str, ...] = ()

    def can_render(self, cls: type) -> bool:
        """Whether values of a type can be written, as all can."""
        return True

    def render(self, value: t.Any) -> bytes:
        """Write plain data in UTF-8.

        :raises ValueError: if it has NaN or an infinity (RFC 8259, section 6).
        """
        if value is None:
            return b""
        text = value if isinstance(value, str) else _write(value)
        # UTF-8 has no surrogates. In JSON this is their escape.
        return text.encode(errors="backslashreplace")


def _write(value: t.Any) -> str:
    try:
        return _to_json(value)
    except ValueError as error:
        raise ValueError(
            f"A {type(value).__name__} cannot be written as JSON ({error}). Give None"
            " for a number that is NaN or infinite."
        ) from error
