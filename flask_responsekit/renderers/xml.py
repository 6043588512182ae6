"""Data and element trees as XML documents that are well-formed, or an error."""

from __future__ import annotations

import copy
import json
import re
import typing as t
import xml.etree.ElementTree as ET
from xml.parsers import expat

if t.TYPE_CHECKING:
    from .protocol import ToPlain

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
#: What a name would have to contain in order to say more than a name.
_NOT_IN_NAMES = frozenset(" \t\r\n<>&\"'/=?!;{}")

#: What names an element. Names that begin with "xml" are reserved (XML 1.0, section
#: 2.3), and "item" is what lists consist of.
_NAME = re.compile(r"(?!(?i:xml)|item\Z)[A-Za-z_][A-Za-z0-9._-]*")
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
        if root is not None and not _is_name(root):
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
        root = _start(self._root or cls.__name__)
        try:
            _fill(root, value)
        except RecursionError:
            raise ValueError(
                f"A {cls.__name__} is nested too deeply for XML, or contains itself."
            ) from None
        return write_tree(root).encode()


def _is_name(name: object) -> bool:
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def _start(name: str) -> ET.Element:
    return ET.Element(name) if _is_name(name) else ET.Element("item", name=name)


def _fill(element: ET.Element, value: t.Any) -> None:
    if isinstance(value, (dict, list)):
        if not value:
            element.set("type", "array" if isinstance(value, list) else "object")
        for child, item in _get_children(value):
            element.append(child)
            _fill(child, item)
    elif value is None:
        element.set("nil", "true")
    elif isinstance(value, str):
        element.text = value
    else:
        text = json.dumps(value)
        element.text = _SCHEMA_NAMES.get(text, text)


def _get_children(
    value: dict[str, t.Any] | list[t.Any],
) -> t.Iterator[tuple[ET.Element, t.Any]]:
    if isinstance(value, dict):
        return ((_start(key), item) for key, item in value.items())
    return ((ET.Element("item"), item) for item in value)


def write_tree(tree: ET.Element | ET.ElementTree[t.Any]) -> str:
    """Write an element, or the root of a tree, as a document.

    ElementTree writes names, comments and processing instructions as they are, so a
    text in the wrong place could end them and go on as markup.

    >>> write_tree(ET.Element("note", day="1"))
    '<?xml version="1.0" encoding="utf-8"?>\\n<note day="1" />'

    :raises ValueError: if the tree cannot be written as a well-formed document (XML
        1.0, section 2.1, with namespaces) that says the same.
    """
    root = tree.getroot() if isinstance(tree, ET.ElementTree) else tree
    if root is None:
        raise ValueError("The element tree has no root, so it cannot be written.")
    try:
        names = [name for element in _walk(root) for name in _check(element)]
        text = ET.tostring(_prepare(root), encoding="unicode")
    except RecursionError:
        raise ValueError(
            f"The element {root.tag!r} is nested too deeply, or contains itself."
        ) from None
    _check_document(text, names, root)
    # A parser makes a line feed of a carriage return (XML 1.0, section 2.11).
    return _DECLARATION + text.replace("\r", "&#13;")


def _walk(element: ET.Element) -> t.Iterator[ET.Element]:
    yield element
    for child in element:
        yield from _walk(child)


def _prepare(root: ET.Element) -> ET.Element:
    """The root without what follows it, which belongs to its parent; and with a text in
    each comment, since ElementTree writes ``None`` as such.
    """
    is_silent = any(comment.text is None for comment in _get_comments(root))
    if root.tail or is_silent:
        root = copy.deepcopy(root) if is_silent else copy.copy(root)
        root.tail = None
    for comment in _get_comments(root) if is_silent else ():
        comment.text = comment.text or ""
    return root


def _get_comments(root: ET.Element) -> t.Iterator[ET.Element]:
    tag: t.Any = ET.Comment
    return root.iter(tag)


def _check(element: ET.Element) -> list[str]:
    """Refuse what would be written as it is, and give the name that is to arrive."""
    tag: object = element.tag
    if tag is ET.Comment:
        _refuse("comment", "" if element.text is None else element.text, "--")
    elif tag is ET.ProcessingInstruction:
        _refuse("processing instruction", element.text, "?>")
    else:
        for name in element.keys():
            _check_name(name)
        for value in element.attrib.values():
            if isinstance(value, ET.QName):
                _check_name(value)
            else:
                _check_text(value, "attribute value")
        return [_check_name(tag)]
    return []


def _check_text(text: object, kind: str) -> str:
    if not isinstance(text, str):
        raise ValueError(f"The {kind} {text!r} is not a str.")
    return text


def _refuse(kind: str, text: object, end: str) -> None:
    text = _check_text(text, kind)
    for part in (end, "\r"):
        if part in text:
            raise ValueError(f"The {kind} {text!r} cannot contain {part!r}.")


def _check_name(name: object) -> str:
    text = name.text if isinstance(name, ET.QName) else name
    if not isinstance(text, str):
        raise ValueError(f"{name!r} is not the name of an element or attribute.")
    namespace, _, local = text.rpartition("}")
    if not local or not _NOT_IN_NAMES.isdisjoint(local + namespace[1:]):
        raise ValueError(f"{text!r} is not an XML name.")
    return text.removeprefix("{")


def _check_document(text: str, names: list[str], root: ET.Element) -> None:
    """Read what was written: a name may be none in XML, or a prefix bound anew."""
    found: list[str] = []
    parser = expat.ParserCreate("utf-8", "}")
    parser.StartElementHandler = lambda name, _: found.append(name)
    try:
        parser.Parse(text.encode(), True)
    except (expat.ExpatError, UnicodeEncodeError) as error:
        raise ValueError(
            f"The element {root.tag!r} cannot be written as XML ({error}). Look for"
            " names that are no XML names, and for control characters in texts."
        ) from error
    for name, arrived in zip(names, found, strict=True):
        if "}" in name and name != arrived:
            raise ValueError(
                f"The element {name!r} would arrive as {arrived!r}: an attribute"
                " binds its prefix to another namespace."
            )
