"""Matplotlib figures in the formats of the web."""

from __future__ import annotations

import collections.abc as cabc
import hashlib
import io
import re
import threading
import typing as t

#: Saving sets the resolution and the canvas of a figure for a while, and threads may
#: share a figure. Older releases do not lock what all figures share, either.
_LOCK: t.Final = threading.RLock()
#: An id that is made from a random salt, where it is given and where it is used.
_ID: t.Final = rb"(?:[hmp]|image|C[0-9a-f]+_[0-9a-f]+_)[0-9a-f]{10}"
_GIVEN: t.Final = re.compile(rb' id="(%s)"' % _ID)
_USED: t.Final = re.compile(rb'(?<=["#])%s(?=[")])' % _ID)


def write_png(figure: t.Any) -> bytes:
    """Write a figure as PNG, with Agg.

    Equal figures give equal bytes, and the figure stays as it was. All that
    ``savefig.*`` of the ``rcParams`` says holds.

    :param figure: a :class:`matplotlib.figure.Figure`, of pyplot or not.
    """
    return _save(figure, "png", "agg", {})


def write_svg(figure: t.Any) -> bytes:
    """Write a figure as SVG, as :func:`write_png` does."""
    return _name_ids(_save(figure, "svg", "svg", {"Date": None}))


def write_pdf(figure: t.Any) -> bytes:
    """Write a figure as PDF, as :func:`write_png` does."""
    return _save(figure, "pdf", "pdf", {"CreationDate": None})


def list_representations() -> list[tuple[str, cabc.Callable[[t.Any], bytes]]]:
    """The media types that figures can be sent as, each with its function."""
    return [
        ("image/png", write_png),
        ("image/svg+xml", write_svg),
        ("application/pdf", write_pdf),
    ]


def _save(
    figure: t.Any, format: str, backend: str, metadata: dict[str, object]
) -> bytes:
    """Save a figure.

    :param backend: what draws it, whatever the app has chosen: a window would not do
        outside the main thread.
    :param metadata: the dates to leave out, with which no two files would be equal.
    """
    buffer = io.BytesIO()
    with _LOCK:
        figure.savefig(buffer, format=format, backend=backend, metadata=metadata)
    return buffer.getvalue()


def _name_ids(svg: bytes) -> bytes:
    """Replace the random ids by ones made from the document.

    ``svg.hashsalt`` would do so too, but it is set for all threads. Documents that
    differ have different ids, since a page may hold several of them.

    >>> svg = b'<path id="m0123456789"/><use href="#m0123456789"/>'
    >>> _name_ids(svg) == _name_ids(svg.replace(b"m0123456789", b"mabcdef0123"))
    True
    """
    ids = dict.fromkeys(_GIVEN.findall(svg))

    def rename(salt: str) -> bytes:
        names = {id: f"id{salt}-{n}".encode() for n, id in enumerate(ids)}
        return _USED.sub(lambda match: names.get(match[0], match[0]), svg)

    return rename(hashlib.sha256(rename("")).hexdigest()[:10])
