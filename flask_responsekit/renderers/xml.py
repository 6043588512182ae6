"""Data as XML documents that are well-formed, or an error."""

from __future__ import annotations

import functools
import json
import re
import typing as t

if t.TYPE_CHECKING:
    import xml.etree.ElementTree as ET

    from .protocol import ToPlain

#: What names an element. Names that begin with "xml" are reserved (XML 1.0, section
#: 2.3), and "item" is what lists consist of.
_NAME = r"(?!(?i:xml)|item\Z)[A-Za-z_][A-Za-z0-9._-]*"
#: What the numbers that JSON does not have are called (XML Schema 1.1, section 3.3.5).
_SCHEMA_NAMES = {"Infinity": "INF", "-Infinity": "-INF"}


class XMLRenderer:
    """Writes data as XML: keys name elements, and lists consist of ``<item>``.

    What has no text of its own has an attribute: ``nil="true"`` for ``None``,
    ``type="array"`` and ``type="object"`` for lists and dicts that are empty. A key
    that is no name is the attribute ``name`` of an ``<item>``.

    >>> print(XMLRenderer(root="user").render({"id": 1, "e-mail": None}).decode())
    <?xml version="1.0" encoding="utf-8"?>
    <user><id>1</id><e-mail nil="true" /></user>

    :param root: the name of the root element. That of the type that the view returned
        if not given.
    """

    name = "xml"
    mimetype = "application/xml"
    quality = 0.85
    aliases: tuple[str, ...] = ("text/xml",)

    def __init__(self, *, root: str | None = None) -> None:
        if root is not None and not (isinstance(root, str) and _is_name(root)):
            raise ValueError(
                f"root={root!r} cannot name the root element. Choose ASCII letters,"
                " digits, '.', '_' and '-', a letter first, but neither 'item' nor"
                " what begins with 'xml'."
            )
        self._root = root

    def can_render(self, cls: type) -> bool:
        """Whether values of a type can be written, as all can."""
        return True

    def render(self, value: t.Any) -> bytes:
        """Write plain data in UTF-8.

        :raises ValueError: if a text has a character that XML does not have.
        """
        return self._render(value, type(value))

    def render_value(self, value: t.Any, cls: type, to_plain: ToPlain) -> bytes:
        """Write a value, naming the root element after its type."""
        return self._render(to_plain(value), cls)

    def _render(self, value: t.Any, cls: type) -> bytes:
        # Not at the top: most apps write no XML, and all import this module.
        from xml.etree.ElementTree import Element

        from .trees import write_tree

        root = Element(*_identify(self._root or cls.__name__))
        try:
            _fill(root, value)
        except RecursionError:
            raise ValueError(
                f"A {cls.__name__} is nested too deeply for XML, or contains itself."
            ) from None
        return write_tree(root).encode()


@functools.lru_cache(maxsize=256)
def _is_name(name: str) -> bool:
    # Compiled when it is first needed, which in most apps is never.
    return re.fullmatch(_NAME, name) is not None


def _identify(name: str) -> tuple[str, dict[str, str]]:
    """The tag and the attributes that say a name."""
    return (name, {}) if _is_name(name) else ("item", {"name": name})


def _fill(element: ET.Element, value: t.Any) -> None:
    if isinstance(value, (dict, list)):
        if not value:
            element.set("type", "array" if isinstance(value, list) else "object")
        for (tag, attributes), item in _identify_items(value):
            child = element.makeelement(tag, attributes)
            element.append(child)
            _fill(child, item)
    elif value is None:
        element.set("nil", "true")
    else:
        element.text = value if isinstance(value, str) else write_scalar(value)


def write_scalar(value: float) -> str:
    """Write a number or a bool."""
    text = json.dumps(value)
    return _SCHEMA_NAMES.get(text, text)


_Identity: t.TypeAlias = "tuple[str, dict[str, str]]"


def _identify_items(
    value: dict[str, t.Any] | list[t.Any],
) -> t.Iterator[tuple[_Identity, t.Any]]:
    if isinstance(value, dict):
        return ((_identify(name), item) for name, item in value.items())
    return ((("item", {}), item) for item in value)
