"""The vocabulary of the package as types."""

from __future__ import annotations

import collections.abc as cabc
import typing as t

if t.TYPE_CHECKING:
    from werkzeug.datastructures import Headers

#: Takes a value of the type it is registered for, and nothing else; returns a
#: ``Response``, or something simpler that is converted again.
Converter: t.TypeAlias = cabc.Callable[[t.Any], object]
ConverterT = t.TypeVar("ConverterT", bound=cabc.Callable[[t.Any], object])

#: A status as Flask takes it: ``404``, or ``"404 Not Found"``.
Status: t.TypeAlias = "int | str | bytes"

#: Headers as Flask takes them beside a body.
HeadersValue: t.TypeAlias = (
    "Headers | cabc.Mapping[str, t.Any] | cabc.Sequence[tuple[str, t.Any]]"
)

#: How text and bytes without a content type are typed.
Sniffing: t.TypeAlias = 't.Literal[True, False, "strict"]'

#: The types of plain data: what every renderer can write without asking.
PLAIN_TYPES: t.Final[frozenset[type]] = frozenset(
    {type(None), bool, int, float, str, list, dict}
)

#: The types of plain data that hold nothing.
SCALAR_TYPES: t.Final = PLAIN_TYPES - {list, dict}
