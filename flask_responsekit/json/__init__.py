"""JSON providers: the app's own, taught the kit's converters, and one by msgspec."""

import typing as t

from .msgspec import MsgspecJSONProvider as MsgspecJSONProvider
from .msgspec import replace_provider as replace_provider
from .provider import get_to_plain as get_to_plain
from .provider import install as install
from .provider import KitJSONProvider as KitJSONProvider

#: The values of ``RESPONSEKIT_JSON``.
JSON_PROVIDERS: t.Final = (None, "msgspec")
