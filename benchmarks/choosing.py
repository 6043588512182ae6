"""Who chooses by ``Accept``: the kit, and what other frameworks have for it."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import importlib
import itertools
import typing as t

from apps import CHROME
from apps import RENDERERS
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from flask_responsekit import negotiate
from flask_responsekit.offers import Menu
from flask_responsekit.offers import offer_all

#: Gives one of the offers for the text of the header.
Choose: t.TypeAlias = cabc.Callable[[str], str | None]

OFFERS = ("application/json", "application/xml", "text/csv", "application/yaml")

_HEADER = CHROME.encode()
# A parameter that nothing here has differs from one header to the next. Each has as
# many digits, so that all take as long to read.
_HEADERS = CHROME.replace("v=b3", "v=%08d").encode()
#: For all, since two of them share a cache.
_NUMBERS = itertools.count()


@dataclasses.dataclass(frozen=True)
class Chooser:
    """One way of choosing."""

    name: str
    #: Makes the function; what it needs is imported only then.
    make: cabc.Callable[[], Choose]
    #: The distribution that has it, where it is not one that the kit needs.
    distribution: str | None = None


def _make_nothing() -> Choose:
    return lambda accept: None


def _make_negotiate() -> Choose:
    return lambda accept: negotiate(accept, OFFERS)


def _make_menu() -> Choose:
    choose = Menu(offer_all(RENDERERS)).choose

    def choose_mimetype(accept: str) -> str | None:
        chosen = choose(accept)
        return None if chosen is None else chosen.mimetype

    return choose_mimetype


def _make_werkzeug() -> Choose:
    # What ``request.accept_mimetypes`` does when a request is first asked for it.
    return lambda accept: parse_accept_header(accept, MIMEAccept).best_match(OFFERS)


def _make_falcon() -> Choose:
    # What ``req.client_prefers(OFFERS)`` does.
    best_match = importlib.import_module("falcon.util.mediatypes").best_match
    return lambda accept: best_match(OFFERS, accept)


def _make_litestar() -> Choose:
    # What ``request.accept`` does when a request is first asked for it.
    accept_class = importlib.import_module("litestar.datastructures.headers").Accept
    offers = [*OFFERS]
    return lambda accept: accept_class(accept).best_match(offers)


#: What all the others do besides choosing comes first.
CHOOSERS = (
    Chooser("nothing", _make_nothing),
    Chooser("negotiate()", _make_negotiate),
    Chooser("the kit in a request", _make_menu, "pyyaml"),
    Chooser("Werkzeug", _make_werkzeug),
    Chooser("Falcon", _make_falcon, "falcon>=4"),
    Chooser("Litestar", _make_litestar, "litestar"),
)


def make_contenders(chooser: Chooser) -> list[cabc.Callable[[], object]]:
    """Make calls with a header not seen before, and with the same each time.

    The text is made anew for each call, as a server does: its hash is not known yet.

    :raises ModuleNotFoundError: if the chooser is not installed.
    """
    choose = chooser.make()

    def choose_by_new() -> object:
        return choose((_HEADERS % next(_NUMBERS)).decode("latin-1"))

    def choose_by_same() -> object:
        return choose(_HEADER.decode("latin-1"))

    return [choose_by_new, choose_by_same]
