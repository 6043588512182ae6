"""Data as MessagePack."""

from __future__ import annotations

import typing as t

from ..requirement import require


class MessagePackRenderer:
    """Writes data as MessagePack, with msgspec.

    >>> MessagePackRenderer().render({"id": 1})
    b'\\x81\\xa2id\\x01'

    :raises ModuleNotFoundError: if msgspec is not installed.
    """

    name = "msgpack"
    mimetype = "application/vnd.msgpack"
    quality = 1.0
    aliases: tuple[str, ...] = ("application/msgpack", "application/x-msgpack")

    def __init__(self) -> None:
        require("msgspec", "msgspec", "The renderer 'msgpack'")

    def can_render(self, cls: type) -> bool:
        """Whether values of a type can be written, as all can."""
        return True

    def render(self, value: t.Any) -> bytes:
        """Write plain data.

        :raises ValueError: if it has an int beyond 64 bits, or a text that is none in
            UTF-8.
        """
        import msgspec.msgpack

        try:
            return msgspec.msgpack.encode(value)
        except OverflowError as error:
            raise ValueError(
                f"The int {next(_find_large(value))} has more than the 64 bits of"
                " MessagePack. Make it a str."
            ) from error
        except UnicodeEncodeError as error:
            raise ValueError(
                f"The text {error.object!r} has a lone surrogate, so it cannot be"
                " written in UTF-8."
            ) from error


def _find_large(value: t.Any) -> t.Iterator[int]:
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        yield value
    elif isinstance(value, (dict, list)):
        for item in value if isinstance(value, list) else (*value, *value.values()):
            yield from _find_large(item)
