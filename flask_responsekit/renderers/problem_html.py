"""Problem details as a page for people."""

from __future__ import annotations

import typing as t

from markupsafe import escape

from .xml import write_scalar

#: Said by the heading, the text below it, and the status line.
_SAID = ("title", "status", "detail")
#: What a problem is of if nothing is known about it (RFC 9457, section 4.2.1).
_UNKNOWN = ("type", "about:blank")


class ProblemHTMLRenderer:
    """Writes the document of a problem as HTML, as Werkzeug does for other HTTP errors:
    the title and the detail, and below a list of all other members.
    """

    name = "html"
    mimetype = "text/html"

    def render(self, value: dict[str, t.Any]) -> bytes:
        """Write plain data in UTF-8."""
        title = escape(value["title"])
        others = {
            name: item
            for name, item in value.items()
            if name not in _SAID and (name, item) != _UNKNOWN
        }
        page = (
            "<!doctype html>\n"
            "<html lang=en>\n"
            f"<title>{value['status']} {title}</title>\n"
            f"<h1>{title}</h1>\n"
            f"<p>{_write_text(value.get('detail', ''))}</p>\n"
            f"{_write(others) if others else ''}"
        )
        return page.encode(errors="replace")


def _write(value: t.Any) -> str:
    if isinstance(value, dict):
        items = (
            f"<dt>{escape(name)}</dt>\n<dd>{_write(item)}</dd>\n"
            for name, item in value.items()
        )
        return f"<dl>\n{''.join(items)}</dl>\n"
    if isinstance(value, list):
        items = (f"<li>{_write(item)}</li>\n" for item in value)
        return f"<ul>\n{''.join(items)}</ul>\n"
    if value is None:
        return ""
    return _write_text(value if isinstance(value, str) else write_scalar(value))


def _write_text(text: str) -> str:
    return str(escape(text)).replace("\n", "<br>")
