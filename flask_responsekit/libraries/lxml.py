"""lxml trees as XML and HTML documents, or an error."""

from __future__ import annotations

import collections.abc as cabc
import importlib
import re
import sys
import typing as t
from xml.parsers import expat

_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'
#: What would end the name of an attribute. lxml checks none in an HTML document.
_END_OF_NAME = re.compile(r"[\t\n\f\r />]|.=")
#: What would end the elements whose text is written as it is.
_END_OF_TEXT = {
    name: re.compile(rf"</{name}[\t\n\f\r />]", re.IGNORECASE)
    for name in ("script", "style")
}


class _Ends(t.NamedTuple):
    """What would end a comment or a processing instruction."""

    comment: re.Pattern[str]
    instruction: re.Pattern[str]


_XML = _Ends(re.compile("--"), re.compile(r"\?>"))
#: HTML, section 13.1.6 and, for instructions, which are read as comments, 13.2.5.41.
_HTML = _Ends(re.compile("^-?>|--!?>"), re.compile(">"))


def write_tree(tree: t.Any) -> tuple[str, dict[str, str]]:
    """Write an element or a tree as a document in UTF-8: as HTML if the root is an
    :class:`lxml.html.HtmlElement`, else as XML.

    What surrounds the root goes with a tree, such as its doctype, and with the root of
    an HTML document, since browsers show that otherwise without one.

    :param tree: an ``lxml.etree._Element`` or ``lxml.etree._ElementTree``.
    :raises ValueError: if it cannot be written as a document that is well-formed, with
        no markup that was a text or a name.
    """
    etree: t.Any = importlib.import_module("lxml.etree")
    root = tree.getroot() if isinstance(tree, etree._ElementTree) else tree
    if root is None:
        raise ValueError("The element tree has no root, so it cannot be written.")
    if isinstance(root, getattr(sys.modules.get("lxml.html"), "HtmlElement", ())):
        return _write_html(root, tree).decode(), {
            "Content-Type": "text/html; charset=utf-8"
        }
    return _write_xml(root, tree).decode(), {
        "Content-Type": "application/xml; charset=utf-8"
    }


def _write_xml(root: t.Any, tree: t.Any) -> bytes:
    _check(root, tree, _XML)
    # With a declaration of our own: that of lxml may say XML 1.1.
    document = _DECLARATION + _serialize(tree, "xml")
    try:
        expat.ParserCreate("utf-8", "}").Parse(document, True)
    except expat.ExpatError as error:
        raise ValueError(
            f"The element {_name(root)} cannot be written as XML ({error}). Look for"
            " entities that are not declared, for names that only HTML has, and for"
            " attributes named xmlns."
        ) from error
    return document


def _write_html(root: t.Any, tree: t.Any) -> bytes:
    whole = root.getroottree()
    if whole.getroot() is root:
        tree = whole
    _check(root, tree, _HTML)
    _check_raw_texts(root)
    return _serialize(tree, "html")


def _serialize(tree: t.Any, method: str) -> bytes:
    etree: t.Any = importlib.import_module("lxml.etree")
    document: bytes = etree.tostring(
        tree, encoding="utf-8", method=method, xml_declaration=False, with_tail=False
    )
    return document


def _check(root: t.Any, tree: t.Any, ends: _Ends) -> None:
    """Refuse what would be written as it is, and could go on as markup."""
    etree: t.Any = importlib.import_module("lxml.etree")
    for node in _iterate(root, tree, etree.Comment):
        _refuse(ends.comment, node.text or "", "comment", node)
    for node in _iterate(root, tree, etree.ProcessingInstruction):
        text = f"{node.target} {node.text or ''}"
        _refuse(ends.instruction, text, "processing instruction", node)
    for element in root.iter(etree.Element):
        for name in element.keys():
            _refuse(_END_OF_NAME, name.rpartition("}")[2], "attribute name", element)


def _iterate(root: t.Any, tree: t.Any, kind: object) -> cabc.Iterator[t.Any]:
    yield from root.iter(kind)
    if tree is not root:
        yield from root.itersiblings(kind)
        yield from root.itersiblings(kind, preceding=True)


def _check_raw_texts(root: t.Any) -> None:
    """Refuse text that is not escaped, and would end its element."""
    etree: t.Any = importlib.import_module("lxml.etree")
    for element in root.iter(etree.Element):
        end = _END_OF_TEXT.get(element.tag.rpartition("}")[2].lower())
        if end is not None:
            _refuse(end, "".join(element.itertext()), "text", element)


def _refuse(end: re.Pattern[str], text: str, kind: str, node: t.Any) -> None:
    found = end.search(text)
    if found is not None:
        parent = node if isinstance(node.tag, str) else node.getparent()
        place = "beside the root" if parent is None else f"in {_name(parent)}"
        raise ValueError(
            f"The {kind} {text!r} {place} cannot be written: {found[0]!r} would end it."
            " Leave that out."
        )


def _name(element: t.Any) -> str:
    return repr(element.tag if isinstance(element.tag, str) else element)
