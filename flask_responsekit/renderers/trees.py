"""Element trees as XML documents that are well-formed, or an error."""

from __future__ import annotations

import copy
import typing as t
import xml.etree.ElementTree as ET
from xml.parsers import expat

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
#: What a name would have to contain in order to say more than a name.
_NOT_IN_NAMES = frozenset(" \t\r\n<>&\"'/=?!;{}")


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
