"""Element trees as XML documents that are well-formed, or an error."""

from __future__ import annotations

import copy
import typing as t
import xml.etree.ElementTree as ET
from xml.parsers import expat

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
#: What a name would have to contain in order to say more than a name.
_NOT_IN_NAMES = frozenset(" \t\r\n<>&\"'/=?!;")


def write_tree(tree: ET.Element | ET.ElementTree[t.Any]) -> str:
    """Write an element, or the root of a tree, as a document.

    ElementTree writes names, comments and processing instructions as they are, so a
    text in the wrong place could end them and go on as markup.

    >>> write_tree(ET.Element("note", day="1"))
    '<?xml version="1.0" encoding="utf-8"?>\\n<note day="1" />'

    :raises ValueError: if the tree cannot be written as a well-formed document (XML
        1.0, section 2.1, with namespaces).
    """
    root = tree.getroot() if isinstance(tree, ET.ElementTree) else tree
    if root is None:
        raise ValueError("The element tree has no root, so it cannot be written.")
    for element in root.iter():
        _check(element)
    if root.tail:
        # What follows an element belongs to its parent.
        root = copy.copy(root)
        root.tail = None
    text = ET.tostring(root, encoding="unicode")
    try:
        expat.ParserCreate("utf-8", "}").Parse(text.encode(), True)
    except (expat.ExpatError, UnicodeEncodeError) as error:
        raise ValueError(
            f"The element {root.tag!r} cannot be written as XML ({error}). Look for"
            " names that are no XML names, and for control characters in texts."
        ) from error
    return _DECLARATION + text


def _check(element: ET.Element) -> None:
    tag: object = element.tag
    if tag is ET.Comment:
        _refuse("--", element.text, "comment")
    elif tag is ET.ProcessingInstruction:
        _refuse("?>", element.text, "processing instruction")
    else:
        for name in (tag, *element.keys()):
            _check_name(name)


def _refuse(end: str, text: str | None, kind: str) -> None:
    if end in (text or ""):
        raise ValueError(f"The {kind} {text!r} contains {end!r}, which would end it.")


def _check_name(name: object) -> None:
    text = name.text if isinstance(name, ET.QName) else name
    if not isinstance(text, str):
        raise ValueError(f"{name!r} is not the name of an element or attribute.")
    local = text.rpartition("}")[2]
    if not local or not _NOT_IN_NAMES.isdisjoint(local):
        raise ValueError(f"{text!r} is not an XML name.")
