"""The vocabulary of the package as types."""

from __future__ import annotations

import collections.abc as cabc
import typing as t

if t.TYPE_CHECKING:
    from flask import Response
    from werkzeug.datastructures import Headers

P = t.ParamSpec("P")

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

#: What becomes of a request that accepts nothing of what there is.
NotAcceptableMode: t.TypeAlias = 't.Literal["406", "fallback"] | None'

#: Which HTTP errors are sent as problems.
ProblemsMode: t.TypeAlias = 't.Literal["negotiate", "always", "off"]'


class ViewDecorator(t.Protocol):
    """Makes a view that returns a response of one that returns a value."""

    @t.overload
    def __call__(  # type: ignore[overload-overlap]
        self, function: cabc.Callable[P, cabc.Coroutine[t.Any, t.Any, object]], /
    ) -> cabc.Callable[P, cabc.Coroutine[t.Any, t.Any, Response]]: ...

    @t.overload
    def __call__(
        self, function: cabc.Callable[P, object], /
    ) -> cabc.Callable[P, Response]: ...
