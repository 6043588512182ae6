"""What views return of other types than Flask's, as the kit and others send it.

A request is made in the process: what a WSGI server does, or what an ASGI server does.
"""

from __future__ import annotations

import asyncio
import collections.abc as cabc
import csv
import dataclasses
import datetime
import email.utils
import gc
import importlib
import importlib.util
import io
import json
import random
import time
import typing as t
import uuid
import weakref

from flask import Flask
from flask import jsonify
from timing import compare
from timing import Contender
from werkzeug.test import create_environ

from flask_responsekit import ResponseKit

_ROWS = 1000
#: How long a slice takes, in seconds: many requests, since the first of them find in
#: the caches what others have left, which is no difference between ways to answer.
_SLICE = 0.01
_FRAME_ROWS = 100_000
_OPENED = datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.timezone.utc)
#: How often the apps that send a frame are made anew.
_FRAME_BLOCKS = 4
#: The least that one of these times is worth.
_LEAST_FRAME_ROUNDS = 2
#: Copied for each request, since apps write to it.
_SCOPE: t.Final = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.3"},
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/",
    "raw_path": b"/",
    "query_string": b"",
    "root_path": "",
    "headers": [(b"host", b"localhost")],
    "client": ("127.0.0.1", 50_000),
    "server": ("localhost", 80),
}


@dataclasses.dataclass
class Ticket:
    id: int
    title: str
    author: str
    labels: list[str]
    opened: datetime.datetime
    key: uuid.UUID


class OrdinaryTicket:
    """The same as a class of which only a converter knows what to send."""

    def __init__(self, ticket: Ticket) -> None:
        self.id = ticket.id
        self.title = ticket.title
        self.author = ticket.author
        self.labels = ticket.labels
        self.opened = ticket.opened
        self.key = ticket.key


class Unused:
    """A class of which there is no object."""


_TICKETS = [
    Ticket(
        n,
        f"Ticket {n}: the report is empty on Mondays",
        f"author{n}@example.org",
        ["bug", "reports", f"release-{n % 7}"],
        _OPENED + datetime.timedelta(minutes=n),
        uuid.uuid5(uuid.NAMESPACE_URL, f"https://example.org/tickets/{n}"),
    )
    for n in range(_ROWS)
]


def _get_fields(ticket: t.Any) -> dict[str, t.Any]:
    return {
        "id": ticket.id,
        "title": ticket.title,
        "author": ticket.author,
        "labels": ticket.labels,
        "opened": ticket.opened,
        "key": ticket.key,
    }


def _make_models() -> list[t.Any]:
    import pydantic

    fields = {name: (hint, ...) for name, hint in t.get_type_hints(Ticket).items()}
    model = pydantic.create_model("TicketModel", **fields)  # type: ignore[call-overload]
    return [model(**vars(ticket)) for ticket in _TICKETS]


@dataclasses.dataclass(frozen=True)
class Aim:
    """What one way is to take in units of what another takes."""

    #: The ways, by their names.
    timed: str
    unit: str
    figure: float | None = None
    #: Whether more is better.
    is_least: bool = False


@dataclasses.dataclass(frozen=True)
class Case:
    """One kind of value that is sent as JSON by all, except for ``jsonify``, which has
    the dataclasses in any case.
    """

    name: str
    aims: tuple[Aim, ...]
    #: What is sent.
    make_value: cabc.Callable[[], t.Any] = lambda: _TICKETS
    #: The converters that are registered with the kit.
    converters: cabc.Mapping[type, cabc.Callable[[t.Any], object]] = dataclasses.field(
        default_factory=dict
    )
    #: Whether the kit has msgspec as its provider. Otherwise it cannot be imported.
    has_msgspec: bool = True
    #: The distribution that makes the value.
    distribution: str | None = None


_NOISE = Aim("kit", "kit again")
CASES: t.Final = (
    Case(
        "dataclasses",
        (
            Aim("jsonify", "kit", 100, is_least=True),
            # More than this nobody has who writes them with msgspec.
            Aim("jsonify", "msgspec alone", is_least=True),
            _NOISE,
        ),
    ),
    # Without jsonify: after its long slice, one of a millisecond finds cold caches.
    Case(
        "the same",
        (
            Aim("kit", "msgspec alone", 1.30),
            Aim("kit", "Falcon", 1.25),
            Aim("kit", "Litestar", 1.03),
            Aim("kit", "FastAPI", 0.33),
            Aim("kit", "by hand"),
            Aim("by hand", "msgspec alone"),
            Aim("empty ASGI app", "Litestar"),
            _NOISE,
        ),
    ),
    Case(
        "unused converter",
        (Aim("jsonify", "kit", 100, is_least=True), _NOISE),
        converters={Unused: vars},
    ),
    Case(
        "ordinary class",
        (Aim("jsonify", "kit", 100, is_least=True), _NOISE),
        lambda: [*map(OrdinaryTicket, _TICKETS)],
        converters={OrdinaryTicket: _get_fields},
    ),
    Case(
        "UUID converted",
        (Aim("jsonify", "kit", 15, is_least=True), _NOISE),
        converters={uuid.UUID: lambda u: str(u)},
    ),
    Case(
        "all converted",
        (Aim("jsonify", "kit", 15, is_least=True), _NOISE),
        converters={Ticket: _get_fields},
    ),
    Case(
        "no extras",
        (Aim("jsonify", "kit", 4, is_least=True), _NOISE),
        has_msgspec=False,
    ),
    Case(
        "one",
        (Aim("kit", "short str", 1.05), Aim("kit", "by hand"), _NOISE),
        lambda: _TICKETS[0],
    ),
    Case(
        "one, no extras",
        (Aim("kit", "short str", 1.05), _NOISE),
        lambda: _TICKETS[0],
        has_msgspec=False,
    ),
    Case(
        "pydantic",
        (Aim("kit", "FastAPI", 1.00), _NOISE),
        _make_models,
        distribution="pydantic",
    ),
)


def _make_jsonify(case: Case) -> Contender:
    return _make_wsgi_request(_make_flask(lambda: jsonify(_TICKETS)))


def _make_short(case: Case) -> Contender:
    return _make_wsgi_request(_make_flask(lambda: "Hello"))


def _make_kit(case: Case) -> Contender:
    value = case.make_value()
    app = _make_flask(lambda: value)
    if case.has_msgspec:
        kit = ResponseKit(app, json="msgspec")
    else:
        kit = ResponseKit(app)
    for cls, converter in case.converters.items():
        # UUIDs have a converter that is built in, which gives way.
        kit.add_converter(cls, converter)
    return _make_wsgi_request(app)


def _make_msgspec(case: Case) -> Contender:
    import msgspec

    value = case.make_value()
    return lambda: msgspec.json.encode(value)


def _make_hand(case: Case) -> Contender:
    import flask
    import msgspec

    value = case.make_value()

    def view() -> flask.Response:
        body = msgspec.json.encode(value)
        return flask.Response(body, mimetype="application/json")

    return _make_wsgi_request(_make_flask(view))


def _make_falcon(case: Case) -> Contender:
    import falcon
    import msgspec

    value = case.make_value()

    class Resource:
        def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
            response.data = msgspec.json.encode(value)

    app = falcon.App()
    app.add_route("/", Resource())
    return _make_wsgi_request(app)


def _make_litestar(case: Case) -> Contender:
    import litestar

    view = _make_async_view(case.make_value())
    return _make_asgi_request(litestar.Litestar([litestar.get("/")(view)]))


def _make_fastapi(case: Case) -> Contender:
    import fastapi

    app = fastapi.FastAPI()
    app.get("/")(_make_async_view(case.make_value()))
    return _make_asgi_request(app)


def _make_async_view(rows: list[t.Any]) -> cabc.Callable[[], cabc.Awaitable[t.Any]]:
    async def view() -> object:
        return rows

    # Both frameworks look at it.
    view.__annotations__["return"] = list[type(rows[0])]  # type: ignore[misc]
    return view


def _make_empty(case: Case) -> Contender:
    async def answer(scope: t.Any, receive: t.Any, send: t.Any) -> None:
        if scope["type"] == "lifespan":
            for event in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{event}.complete"})
            return
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return _make_asgi_request(answer)


@dataclasses.dataclass(frozen=True)
class Way:
    """One way of answering a request."""

    #: Makes requests; what it needs is imported only then.
    make: cabc.Callable[[Case], Contender]
    #: The distribution that has it, where it is not one that the kit needs.
    distribution: str | None = None
    #: What is answered, where it is not the rows.
    body: bytes | None = None


WAYS: t.Final = {
    "jsonify": Way(_make_jsonify),
    "short str": Way(_make_short, body=b"Hello"),
    "kit": Way(_make_kit),
    # Another of its kind, which shows what is noise.
    "kit again": Way(_make_kit),
    "msgspec alone": Way(_make_msgspec),
    # What a view does that is written for msgspec, in an app without the kit.
    "by hand": Way(_make_hand),
    "Falcon": Way(_make_falcon, "falcon"),
    "Litestar": Way(_make_litestar, "litestar"),
    "FastAPI": Way(_make_fastapi, "fastapi"),
    # What it costs to run the loop, and nothing else.
    "empty ASGI app": Way(_make_empty, body=b""),
}


def list_lacks(names: cabc.Iterable[str | None]) -> list[str]:
    """List which of some distributions are missing. They have the names of modules."""
    return [name for name in names if name and not importlib.util.find_spec(name)]


def compare_ways(
    case_name: str, names: cabc.Sequence[str], seconds: float
) -> cabc.Sequence[cabc.Sequence[cabc.Sequence[float]]]:
    """Time some ways of sending what a case says.

    :return: the blocks of a comparison.
    :raises RuntimeError: if one does not answer as it should.
    """
    (case,) = (case for case in CASES if case.name == case_name)
    ways = [WAYS[name] for name in names]

    def make() -> list[Contender]:
        return [way.make(case) for way in ways]

    for name, way, request in zip(names, ways, make(), strict=True):
        if not _is_right(case, way, request()):
            raise RuntimeError(f"{name!r} does not answer as it should: {case.name}.")
    return compare(make, seconds, _SLICE).blocks


def _is_right(case: Case, way: Way, body: object) -> bool:
    if not isinstance(body, bytes) or way.body is not None:
        return body == way.body
    found = json.loads(body)
    is_one = isinstance(found, dict)
    for row in [found] if is_one else found:
        row["opened"] = _read_date(row["opened"])
    expected = [_get_fields(t) | {"key": str(t.key)} for t in _TICKETS]
    return bool(found == (expected[0] if is_one else expected))


def _read_date(text: str) -> datetime.datetime:
    # Flask writes dates as HTTP does.
    if text.endswith("GMT"):
        return email.utils.parsedate_to_datetime(text)
    # Python 3.10 does not know "Z".
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def _make_flask(view: cabc.Callable[[], t.Any]) -> Flask:
    app = Flask(__name__)
    app.add_url_rule("/", "view", view)
    return app


def _make_wsgi_request(
    application: t.Any, headers: dict[str, str] | None = None
) -> Contender:
    """Make what a WSGI server does for a request, and nothing else."""
    environ = create_environ(headers=headers)

    def request() -> bytes:
        body = application(environ.copy(), _start_response)
        try:
            return b"".join(body)
        finally:
            # Falcon gives a list.
            if hasattr(body, "close"):
                body.close()

    return request


def _start_response(*args: object) -> t.Any:
    """Take the status and headers, as a server does."""


def _make_asgi_request(app: t.Any) -> Contender:
    """Make what an ASGI server does for a request, in a loop that is kept."""
    loop = asyncio.new_event_loop()
    chunks: list[bytes] = []

    async def receive() -> dict[str, t.Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, t.Any]) -> None:
        if message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))

    def request() -> bytes:
        chunks.clear()
        loop.run_until_complete(app(_SCOPE.copy(), receive, send))
        return b"".join(chunks)

    weakref.finalize(request, _start_up(app, loop))
    return request


def _start_up(app: t.Any, loop: asyncio.AbstractEventLoop) -> cabc.Callable[[], None]:
    """Start the lifespan of an app.

    :return: ends it, and closes the loop.
    """
    messages: asyncio.Queue[dict[str, t.Any]] = asyncio.Queue()
    messages.put_nowait({"type": "lifespan.startup"})
    has_started = asyncio.Event()

    async def send(message: dict[str, t.Any]) -> None:
        has_started.set()

    scope = {"type": "lifespan", "asgi": _SCOPE["asgi"]}
    lifespan = loop.create_task(app(scope, messages.get, send))
    loop.run_until_complete(has_started.wait())

    def shut_down() -> None:
        messages.put_nowait({"type": "lifespan.shutdown"})
        loop.run_until_complete(lifespan)
        loop.close()

    return shut_down


#: What writes a frame as CSV without an app, by the name of the library.
FRAMES: t.Final[dict[str, cabc.Callable[[t.Any], str]]] = {
    "pandas": lambda frame: frame.to_csv(index=False),
    "polars": lambda frame: frame.write_csv(),
}


def compare_frames(
    library: str, seconds: float
) -> cabc.Sequence[cabc.Sequence[cabc.Sequence[float]]]:
    """Time how a frame is written as CSV: by its own method, by an app with the kit,
    and by another, which shows what is noise.

    A slice is one call. What all threads of the process compute counts, since polars
    has threads of its own.

    :param seconds: how long this takes, besides making the frame and warming up.
    :return: the blocks of a comparison.
    :raises RuntimeError: if the kit sends something else than the method writes.
    """
    frame, write = _make_frame(library), FRAMES[library]
    if _read_cells(_make_frame_request(frame)().decode()) != _read_cells(write(frame)):
        raise RuntimeError(f"The kit does not send what {library} writes.")
    blocks = []
    for _ in range(_FRAME_BLOCKS):
        requests = [_make_frame_request(frame) for _ in range(2)]
        contenders = [lambda: write(frame), *requests]
        # The first request of an app takes longer.
        _time_each(contenders)
        rounds: list[list[float]] = []
        end = time.perf_counter() + seconds / _FRAME_BLOCKS
        while time.perf_counter() < end or len(rounds) < _LEAST_FRAME_ROUNDS:
            rounds.append(_time_each(contenders))
        blocks.append(rounds)
    return blocks


def _time_each(contenders: cabc.Sequence[Contender]) -> list[float]:
    row = [0.0] * len(contenders)
    for index in random.sample(range(len(row)), len(row)):
        gc.collect()
        gc.disable()
        start = time.process_time()
        contenders[index]()
        row[index] = time.process_time() - start
        gc.enable()
    return row


def _make_frame(library: str) -> t.Any:
    opened = _OPENED.replace(tzinfo=None)
    numbers = range(_FRAME_ROWS)
    columns = {
        "id": [*numbers],
        "total": [n / 7 for n in numbers],
        "customer": [f"Customer {n}" for n in numbers],
        "email": [f"c{n}@example.org" for n in numbers],
        "opened": [opened + datetime.timedelta(minutes=n) for n in numbers],
        "is_paid": [n % 2 == 0 for n in numbers],
    }
    return importlib.import_module(library).DataFrame(columns)


def _make_frame_request(frame: t.Any) -> cabc.Callable[[], bytes]:
    app = _make_flask(lambda: frame)
    ResponseKit(app, renderers=["json", "csv"])
    return _make_wsgi_request(app, {"Accept": "text/csv"})  # type: ignore[return-value]


def _read_cells(text: str) -> list[list[str]]:
    return [*csv.reader(io.StringIO(text, newline=""))]
