"""The converters every kit starts with, in one table."""

from __future__ import annotations

import collections
import collections.abc as cabc
import dataclasses
import datetime
import decimal
import enum
import inspect
import io
import operator
import pathlib
import typing as t
import uuid

from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date

from .files import FileBody
from .libraries.registrations import list_registrations
from .problem import to_document
from .registration import Attributes
from .registration import Registration
from .registry import ConverterRegistry
from .server_sent_event import ServerSentEvent

if t.TYPE_CHECKING:
    import xml.etree.ElementTree as ET

    from .typing import Converter


def from_set(value: cabc.Set[t.Any]) -> list[t.Any]:
    """List the members in order, so that equal sets are equal on the wire.

    :raises TypeError: if the members are unlike, and have no order.
    """
    try:
        return sorted(value, key=_sort_key)
    except TypeError:
        if len({type(member) for member in value}) == 1:
            return sorted(value, key=repr)
        raise TypeError(
            f"The members of the {type(value).__name__} {value!r} are unlike and have"
            " no order to be written in. Return a list."
        ) from None


def _sort_key(member: t.Any) -> t.Any:
    if isinstance(member, cabc.Set):
        # Sets compare, but by what they hold in common.
        return from_set(member)
    if isinstance(member, tuple):
        return tuple(map(_sort_key, member))
    return member.value if isinstance(member, enum.Enum) else member


def from_timedelta(value: datetime.timedelta) -> str:
    """Write an ISO 8601 duration (RFC 3339, appendix A), such as ``P1DT2H3M4.5S``.

    >>> import datetime
    >>> from_timedelta(datetime.timedelta(days=1, minutes=90, milliseconds=4500))
    'P1DT1H30M4.5S'
    """
    sign, value = ("-", -value) if value < datetime.timedelta() else ("", value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{value.microseconds:06}".rstrip("0") if value.microseconds else ""
    days = f"{value.days}D" if value.days else ""
    time = f"{hours}H" if hours else ""
    time += f"{minutes}M" if minutes else ""
    time += f"{seconds}{fraction}S" if seconds or fraction else ""
    if not (days or time):
        return "PT0S"
    return f"{sign}P{days}{'T' if time else ''}{time}"


def from_attributes(key: str, cls: type, names: tuple[str, ...]) -> Registration:
    """Take instances of a class by these attributes, and no others.

    :param key: what the class is.
    """

    def get(value: t.Any) -> dict[str, t.Any]:
        return {name: getattr(value, name) for name in names}

    def read(value: t.Any) -> dict[str, t.Any]:
        # Where an instance holds nothing else, what it holds is read as it is.
        attributes: dict[str, t.Any] = value.__dict__
        return attributes if tuple(attributes) == names else get(value)

    def get_each(values: cabc.Sequence[t.Any]) -> list[dict[str, t.Any]]:
        return [*map(get, values)]

    def read_each(values: cabc.Sequence[t.Any]) -> list[dict[str, t.Any]]:
        return [
            held if tuple(held := value.__dict__) == names else get(value)
            for value in values
        ]

    statics = [inspect.getattr_static(cls, name, None) for name in names]
    is_computed = any(map(inspect.isdatadescriptor, statics))
    if is_computed or not cls.__dictoffset__:
        return Registration(
            key, get, plain=True, attributes=Attributes(names, get_each)
        )
    return Registration(key, read, plain=True, attributes=Attributes(names, read_each))


def from_dataclass(cls: type) -> Registration | None:
    """Take a dataclass by its declared fields, unless it is an event, which only a
    stream of events can send.
    """
    if not dataclasses.is_dataclass(cls) or issubclass(cls, ServerSentEvent):
        return None
    names = (field.name for field in dataclasses.fields(cls))
    shown = tuple(name for name in names if not is_excluded(cls, name))
    return from_attributes("dataclass", cls, shown)


def is_excluded(cls: t.Any, name: str) -> bool:
    """Whether a dataclass of pydantic excludes a field."""
    fields = getattr(cls, "__pydantic_fields__", {})
    return bool(getattr(fields.get(name), "exclude", False))


def from_attrs(cls: type) -> Registration | None:
    """Take an attrs class by its declared attributes."""
    attributes = getattr(cls, "__attrs_attrs__", None)
    if attributes is None:
        return None
    names = tuple(attribute.name for attribute in attributes)
    return from_attributes("attrs", cls, names)


def from_struct(cls: t.Any) -> Registration | None:
    """Take a struct of msgspec as msgspec does."""
    if not hasattr(cls, "__struct_config__"):
        return None
    # Not at the top: what has no structs has no use for it.
    from .libraries.msgspec import has_plain_fields
    from .libraries.msgspec import make_opener

    if has_plain_fields(cls):
        return from_attributes("msgspec.Struct", cls, cls.__struct_fields__)
    return Registration("msgspec.Struct", make_opener(cls), plain=True)


def from_html(cls: type) -> Registration | None:
    """Take an object with markup of its own, which is sent as HTML."""
    if not hasattr(cls, "__html__"):
        return None
    return Registration("__html__", call_html, mimetype="text/html")


def call_html(value: t.Any) -> tuple[str, dict[str, str]]:
    """Send what ``__html__`` gives as HTML."""
    return str(value.__html__()), {"Content-Type": "text/html; charset=utf-8"}


def from_tree(
    value: ET.Element | ET.ElementTree[t.Any],
) -> tuple[str, dict[str, str]]:
    """Write an element tree as an XML document in UTF-8."""
    # Not at the top: most apps write no XML, and all import this module.
    from .renderers.trees import write_tree

    return write_tree(value), {"Content-Type": "application/xml; charset=utf-8"}


def from_file(value: t.IO[t.Any]) -> tuple[FileBody, dict[str, str]]:
    """Stream a file from where it stands, and close it."""
    try:
        body = FileBody(value)
    except Exception:
        value.close()
        raise
    headers = {}
    if body.length is not None:
        headers["Content-Length"] = str(body.length)
    return body, headers


# Plain data: what it becomes where the app's own JSON provider says nothing else.
PLAIN: dict[type | str, Converter] = {
    dict: dict,
    list: list,
    int: int,
    float: float,
    collections.deque: list,
    set: from_set,
    frozenset: from_set,
    enum.Enum: operator.attrgetter("value"),
    # As Flask's provider writes them: HTTP dates, and text.
    datetime.date: http_date,
    decimal.Decimal: str,
    uuid.UUID: str,
    # What Flask's provider refuses.
    datetime.time: datetime.time.isoformat,
    datetime.timedelta: from_timedelta,
    "ipaddress.IPv4Address": str,
    "ipaddress.IPv6Address": str,
    "ipaddress.IPv4Network": str,
    "ipaddress.IPv6Network": str,
    "ipaddress.IPv4Interface": str,
    "ipaddress.IPv6Interface": str,
    pathlib.PurePath: str,
    # With sqlite3.Row as row_factory, what a cursor gives.
    "sqlite3.Row": dict,
    cabc.Mapping: dict,
}

# Bodies: what a view's value of this type is sent as.
BODIES: dict[type | str, Converter] = {
    # As it stands inside other data. As a body, it is negotiated what it is sent as.
    HTTPException: to_document,
    io.IOBase: from_file,
    "tempfile._TemporaryFileWrapper": from_file,
    "xml.etree.ElementTree.Element": from_tree,
    "xml.etree.ElementTree.ElementTree": from_tree,
}

#: The registry behind that of each kit. Nobody registers anything here.
BUILT_IN = ConverterRegistry(
    structures=(from_dataclass, from_attrs, from_struct, from_html)
)
for _type, _converter in PLAIN.items():
    BUILT_IN.add(_type, _converter, plain=True)
for _type, _converter in BODIES.items():
    _mimetype = "application/xml" if _converter is from_tree else None
    BUILT_IN.add(_type, _converter, mimetype=_mimetype)
for _registration in list_registrations():
    BUILT_IN.enter(_registration)
BUILT_IN.freeze()
