"""JSON providers: the app's own, taught the kit's converters, and one by msgspec."""

from __future__ import annotations

import typing as t

from .provider import get_to_plain as get_to_plain
from .provider import install as install

#: The values of ``RESPONSEKIT_JSON``.
JSON_PROVIDERS: t.Final = (None, "msgspec")

if t.TYPE_CHECKING:
    from .msgspec import MsgspecJSONProvider as MsgspecJSONProvider


def __getattr__(name: str) -> object:
    # What most apps have no use for is imported when it is asked for.
    if name == "MsgspecJSONProvider":
        from .msgspec import MsgspecJSONProvider

        return MsgspecJSONProvider
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
