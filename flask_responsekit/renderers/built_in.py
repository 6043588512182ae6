"""The renderers that can be enabled by their short names."""

from __future__ import annotations

import typing as t

from .csv import CSVRenderer
from .json import JSONRenderer
from .msgpack import MessagePackRenderer
from .ndjson import NDJSONRenderer
from .text import TextRenderer
from .xml import XMLRenderer
from .yaml import YAMLRenderer

if t.TYPE_CHECKING:
    from .protocol import Renderer

#: The classes by short name.
RENDERERS: t.Final[dict[str, type[Renderer]]] = {
    cls.name: cls
    for cls in (
        JSONRenderer,
        XMLRenderer,
        CSVRenderer,
        YAMLRenderer,
        MessagePackRenderer,
        NDJSONRenderer,
        TextRenderer,
    )
}


def make_renderer(name: str, *, formulas: str = "escape") -> Renderer:
    """Make the renderer of a short name.

    :param formulas: what the CSV renderer does with text that a spreadsheet would run.
    :raises ModuleNotFoundError: if a library that it needs is missing.
    :raises ValueError: if there is none of this name.
    """
    if name not in RENDERERS:
        raise ValueError(
            f"{name!r} is not the name of a renderer. There are"
            f" {', '.join(map(repr, RENDERERS))}; give a renderer object for another."
        )
    if name == CSVRenderer.name:
        return CSVRenderer(formulas=formulas)
    return RENDERERS[name]()


def find_name(mimetype: str) -> str | None:
    """Find the renderer of a media type, or of the format that its structured syntax
    suffix names (RFC 6838, section 4.2.8).

    >>> find_name("text/csv"), find_name("application/vnd.acme.v2+json")
    ('csv', 'json')
    """
    essence = mimetype.partition(";")[0].strip().lower()
    for name, cls in RENDERERS.items():
        if essence in (cls.mimetype, *cls.aliases):  # type: ignore[attr-defined]
            return name
    suffix = essence.rpartition("+")[2]
    return suffix if suffix in ("json", "xml", "yaml") and "+" in essence else None
