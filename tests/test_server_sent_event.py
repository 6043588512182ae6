from __future__ import annotations

import dataclasses
import enum
import typing as t

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st

from flask_responsekit import ServerSentEvent

#: What other formats, or ``str.splitlines``, take for a line end or for nothing.
SPECIAL = "\v\f\x1c\x1d\x1e\x85\u2028\u2029\ufeff\0"
#: Texts that are often like a part of a stream.
texts = st.text(
    st.sampled_from(f"\r\n :adeintrvy3{SPECIAL}") | st.characters(codec="utf-8")
)
#: What stands in one line.
lines = texts.map(lambda text: text.translate({10: None, 13: None}))
ids = lines.map(lambda line: line.replace("\0", ""))


class Heard(t.NamedTuple):
    """What a listener is given."""

    data: str
    type: str = "message"
    last_id: str = ""


def parse(stream):
    """Read a stream as a client does (WHATWG HTML, section 9.2.6).

    :return: what listeners hear, and the reconnection time.
    """
    heard = []
    data = event_type = last_id = ""
    reconnection_time = None
    text = stream.decode("utf-8", "replace").removeprefix("\ufeff")
    # What is not ended is not a line.
    *complete, _ = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for line in complete:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                heard.append(
                    Heard(data.removesuffix("\n"), event_type or "message", last_id)
                )
            data = event_type = ""
        elif field == "event":
            event_type = value
        elif field == "data":
            data += f"{value}\n"
        elif field == "id" and "\0" not in value:
            last_id = value
        elif field == "retry" and value.isascii() and value.isdigit():
            reconnection_time = int(value)
    return heard, reconnection_time


def normalize(text):
    return text.replace("\r\n", "\n").replace("\r", "\n")


# The parser. The first five streams are the examples of the specification.


@pytest.mark.parametrize(
    ("stream", "heard", "retry"),
    [
        pytest.param(
            "data: YHOO\ndata: +2\ndata: 10\n\n",
            [Heard("YHOO\n+2\n10")],
            None,
            id="lines",
        ),
        pytest.param(
            ": test stream\n\ndata: first event\nid: 1\n\n"
            "data:second event\nid\n\ndata:  third event\n\n",
            [
                Heard("first event", last_id="1"),
                Heard("second event"),
                Heard(" third event"),
            ],
            None,
            id="comment-and-ids",
        ),
        pytest.param(
            "data\n\ndata\ndata\n\ndata:", [Heard(""), Heard("\n")], None, id="empty"
        ),
        pytest.param(
            "data:test\n\ndata: test\n\n", [Heard("test")] * 2, None, id="one-blank"
        ),
        pytest.param(
            "event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\n",
            [Heard("73857293", "add"), Heard("2153", "remove")],
            None,
            id="types",
        ),
        pytest.param("\ufeffdata: a\n\n", [Heard("a")], None, id="BOM"),
        pytest.param(
            "data: a\r\ndata: b\r\rdata: c\n\r\n",
            [Heard("a\nb"), Heard("c")],
            None,
            id="line-ends",
        ),
        pytest.param("data: a\n", [], None, id="not-ended"),
        pytest.param("event: a\n\ndata: b\n\n", [Heard("b")], None, id="no-data"),
        pytest.param(
            "id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n",
            [Heard("a", last_id="1"), Heard("b", last_id="1")],
            None,
            id="id-with-NUL-is-ignored-and-the-last-one-stays",
        ),
        pytest.param("retry: 5\nretry: 6s\nretry: ٣\n", [], 5, id="digits"),
    ],
)
def test_parser_reads_as_the_specification_says(stream, heard, retry):
    assert parse(stream.encode()) == (heard, retry)


# What is written


@pytest.mark.parametrize(
    ("event", "written"),
    [
        pytest.param(ServerSentEvent("a"), "data: a\n\n", id="data"),
        pytest.param(ServerSentEvent(""), "data: \n\n", id="empty-data"),
        pytest.param(ServerSentEvent("é✓"), "data: é✓\n\n", id="utf-8"),
        pytest.param(ServerSentEvent(0), "data: <0>\n\n", id="falsy-data"),
        pytest.param(
            ServerSentEvent("a", "note", "7", 5, "x\ny"),
            ": x\n: y\nevent: note\nid: 7\nretry: 5\ndata: a\n\n",
            id="all-in-order",
        ),
        pytest.param(
            ServerSentEvent(None, event="a", id=0, retry=0),
            "event: a\nid: 0\nretry: 0\n\n",
            id="no-data-and-zeros",
        ),
        pytest.param(
            ServerSentEvent(None, event="", id="", comment=""),
            ": \nevent: \nid: \n\n",
            id="empty-fields",
        ),
        pytest.param(ServerSentEvent("a", id=-12), "id: -12\ndata: a\n\n", id="int-id"),
    ],
)
def test_fields_are_written(event, written):
    def to_text(data):
        return data if isinstance(data, str) else f"<{data}>"

    assert event.write(to_text) == written.encode()


def test_data_is_made_text_once():
    asked = []
    ServerSentEvent("a\nb").write(lambda data: asked.append(data) or data)
    ServerSentEvent(None).write(asked.append)
    assert asked == ["a\nb"]


class Text(str, enum.Enum):
    A = "a"


class Number(int, enum.Enum):
    ONE = 1


def test_enums_that_are_text_or_numbers_are_written_by_value():
    event = ServerSentEvent(None, event=Text.A, id=Text.A, comment=Text.A)
    assert event.write(str) == b": a\nevent: a\nid: a\n\n"
    event = ServerSentEvent(None, id=Number.ONE, retry=Number.ONE)
    assert event.write(str) == b"id: 1\nretry: 1\n\n"


class Forger(str):
    """Passes for a line, until it is formatted."""

    def __str__(self):
        return "a\ndata: forged"

    def __format__(self, spec):
        return str(self)


class ForgingNumber(int):
    __str__ = Forger.__str__
    __format__ = Forger.__format__


def test_fields_are_written_as_what_was_checked():
    event = ServerSentEvent(None, event=Forger("a"), id=Forger("b"))
    assert event.write(str) == b"event: a\nid: b\n\n"
    event = ServerSentEvent(None, id=ForgingNumber(1), retry=ForgingNumber(2))
    assert event.write(str) == b"id: 1\nretry: 2\n\n"


# What arrives


@given(texts)
@example("")
@example("\n")
@example("a\n\n")
@example("\r\n\r\r\n\n")
@example("\n\r")
@example(" a")
@example(": a")
@example("data: a\n\nid: 1\n\n")
@example(SPECIAL)
@example("\ufeff")
def test_text_arrives_as_it_is_but_for_line_ends(text):
    written = ServerSentEvent(text).write(str)
    assert parse(written) == ([Heard(normalize(text))], None)


@given(
    st.lists(
        st.builds(
            ServerSentEvent,
            st.none() | texts,
            event=st.none() | lines,
            id=st.none() | ids | st.integers(),
            retry=st.none() | st.integers(min_value=0),
            comment=st.none() | texts,
        )
    )
)
@example([ServerSentEvent("a", comment="b\n\nid: 1\rdata: forged\r\n\r\n")])
@example([ServerSentEvent("a", id="1"), ServerSentEvent("b"), ServerSentEvent("c", "")])
@example([ServerSentEvent(None, "lost", "1"), ServerSentEvent("a")])
def test_no_field_of_any_event_is_taken_for_another(events):
    heard, retry, last_id = [], None, ""
    for event in events:
        retry = retry if event.retry is None else event.retry
        last_id = last_id if event.id is None else str(event.id)
        if event.data is not None:
            text = normalize(event.data)
            heard.append(Heard(text, event.event or "message", last_id))
    written = b"".join(event.write(str) for event in events)
    assert parse(written) == (heard, retry)


@pytest.mark.parametrize("field", ["data", "event", "id", "comment"])
def test_no_half_of_a_character_is_sent(field):
    with pytest.raises(ValueError, match="surrogate"):
        ServerSentEvent(**{"data": None, field: "\ud800"}).write(str)


# What is refused


@pytest.mark.parametrize(
    ("field", "character"),
    [
        pytest.param("event", "\r", id="event-CR"),
        pytest.param("event", "\n", id="event-LF"),
        pytest.param("id", "\r", id="id-CR"),
        pytest.param("id", "\n", id="id-LF"),
        pytest.param("id", "\0", id="id-NUL"),
    ],
)
@given(before=texts, after=texts)
@example(before="", after="")
def test_what_would_end_a_field_is_refused(field, character, before, after):
    with pytest.raises(ValueError, match=rf"^{field}=.* Take it out"):
        ServerSentEvent("a", **{field: f"{before}{character}{after}"})


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        pytest.param("event", 1, "event=1 is not text.", id="event-number"),
        pytest.param("event", b"a", "event=b'a' is not text.", id="event-bytes"),
        pytest.param("event", True, "event=True is not text.", id="event-bool"),
        pytest.param("id", 1.5, "id=1.5 is not text", id="id-float"),
        pytest.param("id", b"1", "id=b'1' is not text", id="id-bytes"),
        pytest.param("id", True, "id=True is not text", id="id-bool"),
        pytest.param("comment", 1, "comment=1 is not text.", id="comment-number"),
        pytest.param("comment", ["a"], "comment=['a'] is not text.", id="comment-list"),
        pytest.param("retry", "5", "retry='5' is not a whole number", id="retry-text"),
        pytest.param("retry", 1.5, "retry=1.5 is not a whole number", id="retry-float"),
        pytest.param(
            "retry", True, "retry=True is not a whole number", id="retry-bool"
        ),
    ],
)
def test_wrong_type_is_refused(field, value, message):
    with pytest.raises(TypeError) as info:
        ServerSentEvent("a", **{field: value})
    assert str(info.value).startswith(message)


def test_negative_time_is_refused():
    with pytest.raises(ValueError, match="^retry=-1 is negative.$"):
        ServerSentEvent("a", retry=-1)


# The record


def test_event_is_a_frozen_record():
    event = ServerSentEvent("a", id=7)
    assert event == ServerSentEvent("a", None, 7, None, None)
    assert event != ServerSentEvent("a", id=8)
    assert hash(event) == hash(ServerSentEvent("a", id=7))
    assert repr(event) == (
        "ServerSentEvent(data='a', event=None, id=7, retry=None, comment=None)"
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.id = 8


def test_changed_copy_is_checked_as_well():
    event = ServerSentEvent("a", event="b")
    assert dataclasses.replace(event, data="c") == ServerSentEvent("c", event="b")
    with pytest.raises(ValueError, match="line break"):
        dataclasses.replace(event, event="b\ndata: forged")


@pytest.mark.parametrize("field", ["event", "id"])
def test_class_cannot_hide_a_line_break(field):
    class Text(str):
        def __contains__(self, other):
            return False

        def __iter__(self):
            return iter("")

    with pytest.raises(ValueError, match="line break"):
        ServerSentEvent("a", **{field: Text("a\nid: 5")})
