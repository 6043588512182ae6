"""Not run, but checked: wrong code is marked, so that a lost check is an error."""

from __future__ import annotations

import dataclasses

from typing_extensions import assert_type

from flask_responsekit import CSVRenderer
from flask_responsekit import negotiate
from flask_responsekit import Offer

# What is chosen has the type of what is offered.

texts = ["application/json", "text/csv"]
offers = (Offer("application/json"), Offer("text/csv", quality=0.5))
mixed: list[str | Offer] = ["application/json", Offer("text/csv")]

assert_type(negotiate("*/*", texts), "str | None")
assert_type(negotiate(None, offers), "Offer | None")
assert_type(negotiate("*/*", mixed), "str | Offer | None")
assert_type(negotiate("*/*", [CSVRenderer()]), "CSVRenderer | None")

chosen = negotiate("text/csv", offers)
chosen_mimetype: str = chosen.mimetype  # type: ignore[union-attr]
if chosen is not None:
    assert_type(chosen.mimetype, str)
    assert_type(chosen.quality, float)
    assert_type(chosen.aliases, tuple[str, ...])


@dataclasses.dataclass
class Image:
    """It has what is negotiated, and more."""

    mimetype: str
    content: bytes
    quality: float = 1.0
    aliases: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Page(Offer):
    path: str = ""


@dataclasses.dataclass
class Unweighted:
    mimetype: str


assert_type(negotiate("image/*", [Image("image/png", b"")]), "Image | None")
assert_type(negotiate("*/*", [Page("text/html", path="a.html")]), "Page | None")
negotiate("image/*", [Unweighted("image/png")])  # type: ignore[type-var]
negotiate("*/*", [1])  # type: ignore[type-var]
negotiate("*/*")  # type: ignore[call-arg]
negotiate(1, texts)  # type: ignore[arg-type]
negotiate(b"*/*", texts)  # type: ignore[arg-type]
negotiate("*/*", {"text/csv"})  # type: ignore[arg-type]
negotiate("*/*", iter(offers))  # type: ignore[arg-type]

# An offer stays as it was made.

Offer("text/csv", 0.5, ("text/tab-separated-values",))
Offer("text/csv", quality=1, aliases=())
Offer()  # type: ignore[call-arg]
Offer(None)  # type: ignore[arg-type]
Offer("text/csv", quality="high")  # type: ignore[arg-type]
Offer("text/csv", aliases="text/plain")  # type: ignore[arg-type]
Offer("text/csv", aliases=["text/plain"])  # type: ignore[arg-type]
Offer("text/csv").quality = 0.5  # type: ignore[misc]
