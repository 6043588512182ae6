"""Negotiation: choose by ``Accept`` among the media types on offer (RFC 9110, 12.5.1).

The header is untrusted: it is read in one pass, what is too long is not read at all,
and nothing of it reaches the answer, which is always one of the offers.

Weights are compared as integers, so that rounding decides no tie: the client's in
thousandths (RFC 9110, section 12.4.2), the server's in millionths.
"""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import functools
import string
import typing as t


class Offered(t.Protocol):
    """What is negotiated, such as a renderer; :class:`Offer` tells of the fields."""

    @property
    def mimetype(self) -> str: ...

    @property
    def quality(self) -> float: ...

    @property
    def aliases(self) -> tuple[str, ...]: ...


@dataclasses.dataclass(frozen=True)
class Offer:
    """A media type on offer.

    :raises ValueError: if a media type is malformed, or the quality out of bounds.
    """

    #: The media type that will be sent, parameters allowed.
    mimetype: str
    #: The server's own preference, above 0 and up to 1.
    quality: float = 1.0
    #: Other media types of the same thing: a range that matches one matches the offer.
    aliases: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for mimetype in (self.mimetype, *self.aliases):
            check_mimetype(mimetype)
        if not 0 < self.quality <= 1:
            raise ValueError(
                f"The quality of {self.mimetype!r} is {self.quality!r}. Give a number"
                " above 0 and up to 1."
            )


OfferT = t.TypeVar("OfferT", bound=str | Offered)


def check_mimetype(mimetype: object) -> None:
    """Refuse what is no concrete media type (RFC 9110, section 8.3.1).

    :raises TypeError: if it is no text.
    :raises ValueError: if it is malformed, or has a wildcard, a parameter ``q``, or a
        character that is not printable ASCII.
    """
    if not isinstance(mimetype, str):
        raise TypeError(f"{mimetype!r} is not a media type. Give one as text.")
    if _parse_mimetype(mimetype) is None:
        raise ValueError(
            f"{mimetype!r} is not a media type. Give one such as 'text/html' or"
            " 'text/html; charset=utf-8': ASCII, without a wildcard or a q."
        )


def negotiate(accept: str | None, offers: cabc.Sequence[OfferT]) -> OfferT | None:
    """Return the offer that the client and the server like best together.

    The weight of an offer is the client's, of the most specific range that matches it,
    times the server's. Of equals, the one with the more specific range is taken, then
    the one that is offered first.

    >>> browser = "text/html, application/xml;q=0.9, */*;q=0.8"
    >>> negotiate(browser, ["application/json", "application/xml"])
    'application/xml'
    >>> negotiate(browser, ["application/json", Offer("application/xml", quality=0.85)])
    'application/json'
    >>> print(negotiate("image/*, text/csv;q=0", ["application/json", "text/csv"]))
    None

    :param accept: The header, its lines joined by commas. ``None``, or one with nothing
        to be read in it, accepts anything; what is malformed in it is passed over.
    :param offers: Media types, or objects that have one, in the order of the server's
        preference. What is no media type (:func:`check_mimetype`) is never chosen.
    :return: The very object given, or ``None`` if nothing is acceptable.
    """
    return _choose(_read_accept(accept), offers)


def _choose(ranges: _Ranges, offers: cabc.Sequence[OfferT]) -> OfferT | None:
    best: OfferT | None = None
    best_rank = _UNACCEPTABLE
    for offer in offers:
        rank = _rank(offer, ranges)
        if rank > best_rank:
            best, best_rank = offer, rank
    return best


def negotiate_anyhow(accept: str | None, offers: cabc.Sequence[OfferT]) -> OfferT:
    """Return the best offer, or what comes closest to what is acceptable. What is
    refused by name is the last resort.

    Who accepts a media type that is written in JSON or XML, as its structured syntax
    suffix says (RFC 6838, section 4.2.8), accepts others of the same format. Who waits
    for events, or lines of JSON, accepts JSON.

    >>> negotiate_anyhow("application/vnd.acme+json", ["text/html", "application/json"])
    'application/json'
    >>> negotiate_anyhow("image/png", ["text/html", "application/json"])
    'text/html'

    :param accept: The header, as for :func:`negotiate`.
    :param offers: At least one.
    """
    ranges = _accept_formats(_read_accept(accept))
    anything = {"*/*": _sort([*ranges.get("*/*", ()), _LEAST])}
    return (
        _choose(ranges, offers) or _choose({**ranges, **anything}, offers) or offers[0]
    )


class _Range(t.NamedTuple):
    """What a member of the header says of all that it matches."""

    #: In thousandths.
    weight: int
    #: How much of type and subtype it names, then how many parameters it has.
    specificity: tuple[int, int]
    #: The parameters, other than charset, that an offer must have.
    parameters: frozenset[tuple[str, str]] = frozenset()


_ANY, _EXACT = 0, 2
_UNMATCHED = _Range(0, (_ANY, 0))
_LEAST = _Range(1, (_ANY, 0))
_REFUSED = _Range(0, (_EXACT, 0))

#: The ranges under their names without parameters. Of those under one name, the first
#: that matches is the answer.
_Ranges: t.TypeAlias = cabc.Mapping[str, cabc.Sequence[_Range]]
_ANYTHING: _Ranges = {"*/*": [_Range(1000, (_ANY, 0))]}

#: Both weights multiplied, then the specificity of the range.
_Rank: t.TypeAlias = tuple[int, tuple[int, int]]
#: Above all others of weight 0, which are not acceptable either.
_UNACCEPTABLE: _Rank = (0, (_EXACT + 1, 0))
_MILLION = 1_000_000


def _rank(offer: str | Offered, ranges: _Ranges) -> _Rank:
    if isinstance(offer, str):
        found = _find_range(offer, ranges)
        return found.weight * _MILLION, found.specificity
    found = _find_range(offer.mimetype, ranges)
    # A refusal by name is not undone by an alias; one by a wildcard may be.
    if found.weight == 0 and found.specificity[0] == _EXACT:
        return _UNACCEPTABLE
    for alias in offer.aliases:
        found = max(found, _find_range(alias, ranges))
    # However little the server likes it, it is on offer.
    return found.weight * (round(offer.quality * _MILLION) or 1), found.specificity


def _find_range(mimetype: str, ranges: _Ranges) -> _Range:
    """Return the most specific range that matches."""
    parsed = _parse_mimetype(mimetype)
    if parsed is None:
        return _REFUSED
    names, parameters = parsed
    for name in names:
        for found in ranges.get(name, ()):
            if found.parameters <= parameters:
                return found
    return _UNMATCHED


# What a client can make the server do, and keep: see CVE-2024-26146.
_MAX_LENGTH = 8192
_MAX_MEMBERS = 50
_MAX_CACHED_LENGTH = 1000


def _read_accept(accept: str | None) -> _Ranges:
    if accept is None or len(accept) > _MAX_LENGTH:
        return _ANYTHING
    if len(accept) > _MAX_CACHED_LENGTH:
        return _parse_accept(accept)
    return _parse_accept_cached(accept)


def _parse_accept(accept: str) -> _Ranges:
    members = list(filter(None, _split(accept, ",")))
    if len(members) > _MAX_MEMBERS:
        return _ANYTHING
    ranges: dict[str, list[_Range]] = {}
    for member in members:
        try:
            name, found = _parse_range(member)
        except ValueError:
            continue
        ranges.setdefault(name, []).append(found)
    return {name: _sort(found) for name, found in ranges.items()} or _ANYTHING


_parse_accept_cached = functools.lru_cache(maxsize=256)(_parse_accept)


def _sort(ranges: cabc.Iterable[_Range]) -> list[_Range]:
    return sorted(ranges, key=_precedence, reverse=True)


def _precedence(found: _Range) -> tuple[tuple[int, int], bool, int]:
    # Of ranges that are equally specific, a refusal counts, else the highest weight.
    return found.specificity, found.weight == 0, found.weight


#: What is written in a format that the suffix does not name. Lines of JSON and events
#: are for those who wait for JSON piece by piece.
_FORMATS = {
    "application/xhtml+xml": None,
    "application/x-ndjson": "json",
    "application/jsonl": "json",
    "text/event-stream": "json",
}


def _find_format(name: str) -> str | None:
    if name in _FORMATS:
        return _FORMATS[name]
    main, _, sub = name.partition("/")
    suffix = sub.rpartition("+")[2]
    return suffix if main == "application" and suffix in ("json", "xml") else None


def _accept_formats(ranges: _Ranges) -> _Ranges:
    """Add what follows from the formats. What is named counts for more than that."""
    added: dict[str, list[_Range]] = {}
    for name, (found, *_) in ranges.items():
        written_in = _find_format(name)
        if written_in is not None and found.weight:
            derived = _Range(max(found.weight - 1, 1), (_EXACT, 0))
            added.setdefault(f"application/{written_in}", []).append(derived)
    if not added:
        return ranges
    return {
        **ranges,
        **{name: _sort([*ranges.get(name, ()), *more]) for name, more in added.items()},
    }


def _parse_range(member: str) -> tuple[str, _Range]:
    """Read a range and its weight, which may stand anywhere (RFC 9110, 12.5.1)."""
    main, sub, parameters = _parse(member, _BLANK)
    if main == "*" != sub:
        raise ValueError(member)
    weight = _parse_weight(parameters.pop("q", "1"))
    specificity = (main != "*") + (sub != "*"), len(parameters)
    # All text is sent as UTF-8, whatever charset is asked for.
    parameters.pop("charset", None)
    return f"{main}/{sub}", _Range(weight, specificity, frozenset(parameters.items()))


def _parse_weight(text: str) -> int:
    """Read a weight in thousandths (RFC 9110, section 12.4.2).

    Not with ``float``, which takes exponents, signs, ``nan`` and foreign digits.
    """
    whole, _, fraction = text.partition(".")
    digits = whole + fraction
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(text)
    if whole.strip("0"):
        return 1000
    # Digits after the third are cut, but only a 0 refuses.
    return int(fraction[:3].ljust(3, "0")) or (1 if fraction.strip("0") else 0)


@functools.lru_cache(maxsize=256)
def _parse_mimetype(
    mimetype: str,
) -> tuple[tuple[str, str, str], frozenset[tuple[str, str]]] | None:
    """Read a concrete media type; ``None`` if it is none.

    :return: What ranges may call it, the most specific name first; its parameters.
    """
    try:
        main, sub, parameters = _parse(mimetype, "")
    except ValueError:
        return None
    if not (mimetype.isascii() and mimetype.isprintable()):
        return None
    if mimetype != mimetype.strip() or "*" in main + sub or "q" in parameters:
        return None
    names = (f"{main}/{sub}", f"{main}/*", "*/*")
    return names, frozenset(parameters.items())


_BLANK = " \t"
#: RFC 9110, section 5.6.2.
_TOKEN = frozenset("!#$%&'*+-.^_`|~" + string.digits + string.ascii_letters)


def _parse(text: str, padding: str) -> tuple[str, str, dict[str, str]]:
    """Read type, subtype and parameters (RFC 9110, sections 8.3.1 and 5.6.6).

    :param padding: what may stand around the ``=`` of a parameter.
    :raises ValueError: if they are malformed.
    """
    essence, *rest = _split(text, ";")
    # Java sends a bare "*" for any type.
    main, _, sub = ("*/*" if essence == "*" else essence).partition("/")
    parameters: dict[str, str] = {}
    for parameter in filter(None, rest):
        name, _, value = parameter.partition("=")
        name = _parse_token(name.rstrip(padding)).lower()
        if name in parameters:
            raise ValueError(text)
        parameters[name] = _parse_value(value.lstrip(padding))
    return _parse_token(main).lower(), _parse_token(sub).lower(), parameters


def _parse_token(text: str) -> str:
    if not text or not _TOKEN.issuperset(text):
        raise ValueError(text)
    return text


def _parse_value(text: str) -> str:
    """Read a token, or a quoted string (RFC 9110, section 5.6.4)."""
    if not text.startswith('"'):
        return _parse_token(text)
    value = []
    rest = iter(text[1:])
    for character in rest:
        if character == '"':
            break
        value.append(next(rest, "") if character == "\\" else character)
    else:
        raise ValueError(text)
    if next(rest, None) is not None:
        raise ValueError(text)
    return "".join(value)


def _split(text: str, separator: str) -> list[str]:
    """Split outside of quoted strings, and strip the parts."""
    parts = _split_quoted(text, separator) if '"' in text else text.split(separator)
    return [part.strip(_BLANK) for part in parts]


def _split_quoted(text: str, separator: str) -> cabc.Iterator[str]:
    # A quotation mark anywhere but after "=" is an error of its member alone.
    start = 0
    may_open = quoted = escaped = False
    for index, character in enumerate(text):
        if quoted:
            quoted = escaped or character != '"'
            escaped = not escaped and character == "\\"
        elif character == '"':
            quoted = may_open
        elif character == separator:
            yield text[start:index]
            start = index + 1
        if character not in _BLANK:
            may_open = character == "="
    yield text[start:]
