"""Not run, but checked: wrong code is marked, so that a lost check is an error."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import io
import sqlite3
import typing as t

from flask import Flask
from flask import Response
from typing_extensions import assert_type

from flask_responsekit import CSVRenderer
from flask_responsekit import EventStream
from flask_responsekit import JSONRenderer
from flask_responsekit import NDJSONRenderer
from flask_responsekit import Renderer
from flask_responsekit import ResponseKit
from flask_responsekit import ServerSentEvent
from flask_responsekit import Stream
from flask_responsekit import XMLRenderer
from flask_responsekit.renderers.protocol import RowRenderer
from flask_responsekit.renderers.protocol import ToPlain


@dataclasses.dataclass
class User:
    name: str


app = Flask(__name__)
kit = ResponseKit(app)


def read_users() -> cabc.Iterator[User]:
    yield User("Ada")


def read_and_count_users() -> cabc.Generator[User, None, int]:
    yield User("Ada")
    return 1


async def read_users_soon() -> cabc.AsyncIterator[User]:
    yield User("Ada")


async def load_users() -> list[User]:
    return [User("Ada")]


class Users:
    def __iter__(self) -> cabc.Iterator[User]:
        return iter([User("Ada")])


class AsyncUsers:
    def __aiter__(self) -> cabc.AsyncIterator[User]:
        return read_users_soon()


# Rows come from all that can be iterated.

assert_type(kit.stream(read_users()), Stream)
kit.stream(read_and_count_users())
kit.stream(read_users_soon())
kit.stream([User("Ada"), {"name": "Ada"}, ("Ada", 1), None])
kit.stream(User(name) for name in ("Ada", "Bob"))
kit.stream(user async for user in read_users_soon())
kit.stream({"Ada": User("Ada")}.values())
kit.stream(sqlite3.connect(":memory:").execute("SELECT 1"))
kit.stream(io.StringIO())
kit.stream(Users())
kit.stream(AsyncUsers())
Stream(read_users())
Stream(read_users_soon())

kit.stream()  # type: ignore[call-arg]
kit.stream(None)  # type: ignore[arg-type]
kit.stream(1)  # type: ignore[arg-type]
kit.stream(User("Ada"))  # type: ignore[arg-type]
kit.stream(read_users)  # type: ignore[arg-type]
kit.stream(read_users_soon)  # type: ignore[arg-type]
kit.stream(load_users())  # type: ignore[arg-type]
Stream(1)  # type: ignore[arg-type]
Stream(load_users())  # type: ignore[arg-type]

# Options.

kit.stream([], mimetype="text/csv", chunk_size=1, filename="users.csv")
kit.stream([], mimetype=None, headers=None, filename=None)
kit.stream([], headers={"X-Name": "value"})
kit.stream([], headers=[("X-Name", "value")])
Stream([], mimetype="text/csv", chunk_size=1, headers={}, filename="users.csv")

kit.stream([], "text/csv")  # type: ignore[call-arg]
kit.stream([], mimetype=1)  # type: ignore[arg-type]
kit.stream([], chunk_size="64K")  # type: ignore[arg-type]
kit.stream([], chunk_size=None)  # type: ignore[arg-type]
kit.stream([], headers="X-Name: value")  # type: ignore[arg-type]
kit.stream([], filename=b"users.csv")  # type: ignore[arg-type]
kit.stream([], status=201)  # type: ignore[call-arg]
Stream([], "text/csv")  # type: ignore[call-arg]
Stream([], chunk_size=0.5)  # type: ignore[arg-type]

assert_type(Stream([]).mimetype, "str | None")
assert_type(Stream([]).chunk_size, int)
Stream([]).headers["X-Name"] = "value"

# Events.

assert_type(EventStream(read_users()), EventStream)
EventStream(read_users_soon(), ping=0.5, retry=1000)
EventStream(["text", User("Ada"), None, ServerSentEvent(1)], ping=None, retry=None)
assert_type(EventStream.last_event_id(), "str | None")
EventStream([]).headers["X-Name"] = "value"

EventStream()  # type: ignore[call-arg]
EventStream(1)  # type: ignore[arg-type]
EventStream(read_users)  # type: ignore[arg-type]
EventStream(load_users())  # type: ignore[arg-type]
EventStream([], 15)  # type: ignore[call-arg]
EventStream([], ping="15s")  # type: ignore[arg-type]
EventStream([], retry=0.5)  # type: ignore[arg-type]
EventStream([], mimetype="text/event-stream")  # type: ignore[call-arg]
EventStream([], headers={})  # type: ignore[call-arg]
EventStream.last_event_id("0")  # type: ignore[call-arg]
last_event_id: str = EventStream.last_event_id()  # type: ignore[assignment]

event = ServerSentEvent(User("Ada"), event="user", id="1", retry=0, comment="x")
ServerSentEvent(None, id=1)
ServerSentEvent("text", "note", 7, 1000, "x")
assert_type(event.data, object)
assert_type(event.event, "str | None")
assert_type(event.id, "str | int | None")
assert_type(event.retry, "int | None")
assert_type(event.comment, "str | None")
assert_type(dataclasses.replace(event, data=1), ServerSentEvent)

ServerSentEvent()  # type: ignore[call-arg]
ServerSentEvent(event="user")  # type: ignore[call-arg]
ServerSentEvent(1, event=1)  # type: ignore[arg-type]
ServerSentEvent(1, id=1.5)  # type: ignore[arg-type]
ServerSentEvent(1, retry="1")  # type: ignore[arg-type]
ServerSentEvent(1, comment=b"x")  # type: ignore[arg-type]
ServerSentEvent(1, name="user")  # type: ignore[call-arg]
event.id = "2"  # type: ignore[misc]


# Views under kit.view return them, alone or with a status.


@app.get("/users")
@kit.view
def show_users() -> Stream:
    return kit.stream(read_users())


@app.get("/users/soon/<name>")
@kit.view
async def show_users_soon(name: str) -> Stream:
    return kit.stream(read_users_soon(), filename=f"{name}.csv")


@app.get("/users/status")
@kit.view(produces=("text/csv", "ndjson"))
def show_users_with_status() -> tuple[Stream, int, dict[str, str]]:
    return Stream(read_users()), 202, {"X-Name": "value"}


@app.get("/users/some")
@kit.view
def show_some_users() -> Stream | list[User]:
    return [User("Ada")]


@app.get("/users/live")
@kit.view
def show_live_users() -> EventStream:
    return EventStream(read_users(), retry=1000)


@app.get("/users/live/soon")
@kit.view
async def show_live_users_soon() -> EventStream:
    return EventStream(read_users_soon())


assert_type(show_users(), Response)
assert_type(show_users_with_status(), Response)
assert_type(show_some_users(), Response)
assert_type(show_live_users(), Response)
assert_type(kit.response(kit.stream([])), Response)
show_users("Ada")  # type: ignore[call-arg]
length: int = show_users().chunk_size  # type: ignore[attr-defined]


async def call_views() -> None:
    assert_type(await show_users_soon("Ada"), Response)
    assert_type(await show_live_users_soon(), Response)
    await show_users_soon(1)  # type: ignore[arg-type]


# Without kit.view, they are not what Flask takes.


@app.get("/without")  # type: ignore[type-var]
def show_without() -> Stream:
    return kit.stream([])


@app.get("/without/live")  # type: ignore[type-var]
async def show_live_without() -> EventStream:
    return EventStream([])


# A renderer that writes rows is one like others.


class TSVRenderer:
    mimetype = "text/tab-separated-values"

    def render(self, value: t.Any) -> bytes:
        return b"".join(self.render_rows([value], lambda value: value))

    def render_rows(
        self,
        batches: cabc.Iterable[list[t.Any]],
        to_plain: cabc.Callable[[t.Any], t.Any],
    ) -> cabc.Iterator[bytes]:
        for batch in batches:
            rows = [to_plain(row) for row in batch]
            yield "".join("\t".join(map(str, row)) + "\n" for row in rows).encode()


class LogRenderer:
    mimetype = "text/x-log"

    def render(self, value: t.Any) -> bytes:
        return b""

    def render_rows(
        self, batches: cabc.Iterable[list[t.Any]], to_plain: ToPlain
    ) -> list[bytes]:
        assert_type(to_plain.shallow(1), t.Any)
        assert_type(to_plain.each([1]), list[t.Any])
        assert_type(to_plain.get_attributes(User), "tuple[str, ...] | None")
        to_plain.each(1)  # type: ignore[arg-type]
        to_plain()  # type: ignore[call-arg]
        return [str(to_plain(row)).encode() for batch in batches for row in batch]


row_renderers: list[RowRenderer] = [
    TSVRenderer(),
    LogRenderer(),
    JSONRenderer(),
    NDJSONRenderer(),
    CSVRenderer(columns=["name"]),
]
renderers: list[Renderer] = [*row_renderers]
kit.add_renderer(TSVRenderer())
kit.add_renderer(LogRenderer())
ResponseKit(renderers=["json", TSVRenderer()])


class OnlyWritesRows:
    mimetype = "text/x-rows"

    def render_rows(
        self, batches: cabc.Iterable[list[t.Any]], to_plain: ToPlain
    ) -> cabc.Iterator[bytes]:
        yield b""


class WritesText:
    mimetype = "text/x-rows"

    def render(self, value: t.Any) -> bytes:
        return b""

    def render_rows(
        self, batches: cabc.Iterable[list[t.Any]], to_plain: ToPlain
    ) -> cabc.Iterator[str]:
        yield ""


class TakesNoBatches:
    mimetype = "text/x-rows"

    def render(self, value: t.Any) -> bytes:
        return b""

    def render_rows(self, rows: cabc.Iterable[object]) -> cabc.Iterator[bytes]:
        yield b""


kit.add_renderer(OnlyWritesRows())  # type: ignore[arg-type]
row_renderer: RowRenderer
row_renderer = XMLRenderer()  # type: ignore[assignment]
row_renderer = WritesText()  # type: ignore[assignment]
row_renderer = TakesNoBatches()  # type: ignore[assignment]
row_renderer = TSVRenderer  # type: ignore[assignment]
