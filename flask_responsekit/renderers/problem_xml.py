"""Problem details as XML (RFC 9457, appendix B)."""

from __future__ import annotations

import re
import typing as t

from .xml import write_scalar

if t.TYPE_CHECKING:
    import xml.etree.ElementTree as ET

_NAMESPACE = "urn:ietf:rfc:7807"
#: What a text of XML cannot have (XML 1.0, section 2.2).
_NOT_IN_TEXT = "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
#: What would make more of a name than a name, for ElementTree or with namespaces.
_NOT_IN_NAMES = frozenset("{}:")
_NAME = "[A-Za-z_][A-Za-z0-9._-]*"


class ProblemXMLRenderer:
    """Writes the document of a problem: members are elements, and what a list holds is
    ``<i>``. What has no name in XML is left out, and so is ``None``; what no text can
    have becomes U+FFFD.

    >>> print(ProblemXMLRenderer().render({"ids": [1, 2]}).decode())
    <?xml version="1.0" encoding="utf-8"?>
    <problem xmlns="urn:ietf:rfc:7807"><ids><i>1</i><i>2</i></ids></problem>
    """

    name = "xml"
    mimetype = "application/problem+xml"
    #: Of XML and a page that a client likes as well, as by ``text/*``, it is the page.
    quality = 0.999
    #: A client that accepts these accepts a problem of the same format.
    aliases = ("application/xml", "text/xml")

    def render(self, value: dict[str, t.Any]) -> bytes:
        """Write plain data in UTF-8."""
        # Not at the top: most apps write no XML, and all import this module.
        from xml.etree.ElementTree import Element

        from .trees import write_tree

        root = Element("problem", xmlns=_NAMESPACE)
        _fill(root, value)
        return write_tree(root).encode()


def _fill(element: ET.Element, value: t.Any) -> None:
    if isinstance(value, dict):
        for name, item in value.items():
            if item is not None and _is_name(name):
                _add(element, name, item)
    elif isinstance(value, list):
        for item in value:
            _add(element, "i", item)
    elif isinstance(value, str):
        # Compiled when it is first needed, which is seldom.
        element.text = re.sub(_NOT_IN_TEXT, "\ufffd", value)
    elif value is not None:
        element.text = write_scalar(value)


def _add(element: ET.Element, name: str, value: t.Any) -> None:
    child = element.makeelement(name, {})
    element.append(child)
    _fill(child, value)


def _is_name(name: str) -> bool:
    """Whether a text can name an element (an NCName, Namespaces in XML 1.0)."""
    if name.isascii():
        return re.fullmatch(_NAME, name) is not None
    # Which letters there are is left to the one who knows, the parser.
    from xml.etree.ElementTree import Element

    from .trees import write_tree

    if not _NOT_IN_NAMES.isdisjoint(name):
        return False
    try:
        write_tree(Element(name))
    except ValueError:
        return False
    return True
