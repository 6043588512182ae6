"""Each type in each place, by each JSON provider and each renderer."""

from __future__ import annotations

import csv
import dataclasses
import functools
import io
import itertools
import json
import typing as t
import xml.etree.ElementTree as ET

import attrs
import matplotlib.figure
import msgspec
import numpy as np
import pandas as pd
import PIL.Image
import polars as pl
import pyarrow as pa
import pydantic
import pytest
import sqlalchemy as sa
import yaml
from flask import Flask
from lxml import etree
from lxml import html
from markupsafe import Markup

from flask_responsekit import ResponseKit
from flask_responsekit.renderers.built_in import make_renderer

NAN = float("nan")
JSON = "application/json"


@dataclasses.dataclass
class Box:
    item: t.Any


@attrs.define
class Attrs:
    id: int = 1
    tags: list[str] = attrs.field(factory=lambda: ["a"])


@attrs.define(slots=False)
class OpenAttrs(Attrs):
    pass


class Model(pydantic.BaseModel):
    id: int = 1
    tags: list[str] = ["a"]


class Struct(msgspec.Struct):
    id: int = 1
    tags: list[str] = msgspec.field(default_factory=lambda: ["a"])


class TaggedStruct(msgspec.Struct, tag="struct", rename="upper"):
    id: int = 1
    tags: list[str] = msgspec.field(default_factory=lambda: ["a"])


class SafeText:
    """As Django has it."""

    def __html__(self):
        return "<b>&amp;</b>"


def query(*names):
    """Select columns of two rows."""
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    rows = "SELECT 1 AS id, 'a' AS name UNION SELECT 2, NULL ORDER BY id"
    with engine.connect() as connection:
        chosen = sa.text(f"SELECT {', '.join(names)} FROM ({rows})")
        result = connection.execute(chosen).freeze()()
    engine.dispose()
    return result


OBJECT = {"id": 1, "tags": ["a"]}
COLUMNS = {"id": [1, 2], "x": [1.5, NAN], "name": ["a", None]}
RECORDS = [{"id": 1, "x": 1.5, "name": "a"}, {"id": 2, "x": None, "name": None}]
ROWS = [{"id": 1, "name": "a"}, {"id": 2, "name": None}]
POINTS = np.array([(1, 1.5), (2, NAN)], [("x", "i4"), ("y", "f4")])

#: What makes a value, and what plain data it is.
VALUES = {
    "attrs": (Attrs, OBJECT),
    "attrs-open": (OpenAttrs, OBJECT),
    "pydantic": (Model, OBJECT),
    "struct": (Struct, OBJECT),
    "struct-tagged": (TaggedStruct, {"type": "struct", "ID": 1, "TAGS": ["a"]}),
    "row": (lambda: query("id", "name").first(), ROWS[0]),
    "row-mapping": (lambda: query("id", "name").mappings().first(), ROWS[0]),
    "rows": (lambda: query("id", "name").all(), ROWS),
    "mappings": (lambda: query("id", "name").mappings().all(), ROWS),
    "scalars": (lambda: query("id").scalars().all(), [1, 2]),
    "array": (lambda: np.array([[1.5, NAN], [2, 3]]), [[1.5, None], [2.0, 3.0]]),
    "array-of-0": (lambda: np.array(5), 5),
    "records": (lambda: POINTS, [{"x": 1, "y": 1.5}, {"x": 2, "y": None}]),
    "record": (lambda: POINTS[1], {"x": 2, "y": None}),
    "int": (lambda: np.int64(5), 5),
    "float": (lambda: np.float64(1.5), 1.5),
    "short-float": (lambda: np.float32(NAN), None),
    "bool": (lambda: np.bool_(True), True),
    "pandas": (lambda: pd.DataFrame(COLUMNS), RECORDS),
    "pandas-series": (lambda: pd.Series([1.5, NAN]), [1.5, None]),
    "pandas-index": (lambda: pd.Index([1, 2]), [1, 2]),
    "pandas-no-time": (lambda: pd.NaT, None),
    "pandas-missing": (lambda: pd.NA, None),
    "polars": (lambda: pl.DataFrame(COLUMNS), RECORDS),
    "polars-series": (lambda: pl.Series([1.5, NAN]), [1.5, None]),
    "table": (lambda: pa.table(COLUMNS), RECORDS),
    "batch": (lambda: pa.table(COLUMNS).to_batches()[0], RECORDS),
    "arrow-array": (lambda: pa.array([1.5, None]), [1.5, None]),
    "chunks": (lambda: pa.chunked_array([[1.5], [NAN]]), [1.5, None]),
    "scalar": (lambda: pa.scalar(1.5), 1.5),
    "arrow-null": (lambda: pa.scalar(None, pa.int8()), None),
}

#: What is a document, and what it is inside other data.
DOCUMENTS = {
    "element": (
        lambda: etree.fromstring("<a>é</a>"),
        "application/xml; charset=utf-8",
        '<?xml version="1.0" encoding="utf-8"?>\n<a>é</a>',
    ),
    "tree": (
        lambda: etree.ElementTree(etree.fromstring("<a/>")),
        "application/xml; charset=utf-8",
        '<?xml version="1.0" encoding="utf-8"?>\n<a/>',
    ),
    "html-element": (
        lambda: html.fromstring("<p>&lt;<br></p>"),
        "text/html; charset=utf-8",
        "<p>&lt;<br></p>",
    ),
    "markup": (
        lambda: Markup("<b>&amp;</b>"),
        "text/html; charset=utf-8",
        "<b>&amp;</b>",
    ),
    "safe-text": (SafeText, "text/html; charset=utf-8", "<b>&amp;</b>"),
}

#: What has no text.
PICTURES = {
    "image": lambda: PIL.Image.new("RGB", (2, 3)),
    "figure": lambda: matplotlib.figure.Figure(figsize=(1, 1)),
}

#: What gives the rows of a query once.
RESULTS = {
    "rows": lambda result: result,
    "mappings": lambda result: result.mappings(),
    "scalars": lambda result: result.scalars(),
}

PLACES = {
    "alone": lambda make: make(),
    "in-list": lambda make: [make()],
    "in-long-list": lambda make: [make() for _ in range(10)],
    "in-dict": lambda make: {"a": {"b": make(), "c": [make()]}},
    "in-dicts": lambda make: [{"a": make()} for _ in range(10)],
    "in-dataclass": lambda make: Box(make()),
    "in-dataclasses": lambda make: [Box(make()) for _ in range(10)],
    "in-tuple": lambda make: {"a": (make(), 1)},
}

PROVIDERS = pytest.mark.parametrize("provider", [None, "msgspec"])
WITH_PLACES = pytest.mark.parametrize("place", PLACES)
INSIDE = pytest.mark.parametrize("place", [name for name in PLACES if name != "alone"])


@functools.cache
def make_client(provider, renderer="json"):
    app = Flask("example", static_folder=None)
    app.testing = True
    app.kit = ResponseKit(app, json=provider, renderers=[renderer])
    app.json.sort_keys = False
    app.add_url_rule("/", "view", lambda: app.result(app.kit))
    return app.test_client()


def send(result, accept, provider, renderer="json"):
    """Ask for what a view returns.

    :param result: makes it, with the kit.
    """
    client = make_client(provider, renderer)
    client.application.result = result
    return client.get("/", headers={"Accept": accept})


def get_json(result, provider):
    response = send(result, JSON, provider)
    assert response.status_code == 200
    assert response.mimetype == JSON
    return json.loads(response.data)


def to_plain(value):
    """What a place looks like that holds plain data."""
    return json.loads(json.dumps(value, default=lambda box: {"item": box.item}))


# JSON


@PROVIDERS
@WITH_PLACES
@pytest.mark.parametrize("name", VALUES)
def test_value_is_the_same_json_everywhere(name, place, provider):
    make, plain = VALUES[name]
    found = get_json(lambda kit: PLACES[place](make), provider)
    expected = to_plain(PLACES[place](lambda: plain))
    assert found == expected
    assert json.dumps(found) == json.dumps(expected)


@PROVIDERS
@pytest.mark.parametrize("name", VALUES)
def test_value_is_the_same_in_jsonify_and_templates(name, provider):
    make, plain = VALUES[name]
    app = make_client(provider).application
    with app.test_request_context():
        assert json.loads(app.json.dumps({"a": make()})) == {"a": plain}
        assert json.loads(app.json.response(a=make()).data) == {"a": plain}
        template = app.jinja_env.from_string("{{ value|tojson }}")
        assert json.loads(template.render(value=make())) == plain


@PROVIDERS
@INSIDE
@pytest.mark.parametrize("name", DOCUMENTS)
def test_document_is_text_inside_data(name, place, provider):
    make, _, text = DOCUMENTS[name]
    found = get_json(lambda kit: PLACES[place](make), provider)
    assert found == to_plain(PLACES[place](lambda: text))


@PROVIDERS
@pytest.mark.parametrize("name", DOCUMENTS)
def test_document_alone_is_sent_as_it_is(name, provider):
    make, content_type, text = DOCUMENTS[name]
    response = send(lambda kit: make(), JSON, provider)
    assert response.content_type == content_type
    assert response.text == text


@PROVIDERS
@INSIDE
@pytest.mark.parametrize("name", PICTURES)
def test_picture_inside_data_is_an_error_that_says_so(name, place, provider):
    kind = type(PICTURES[name]()).__qualname__
    message = f"^{kind} objects are sent by themselves.*register a converter"
    with pytest.raises(TypeError, match=message):
        send(lambda kit: PLACES[place](PICTURES[name]), JSON, provider)


@PROVIDERS
@pytest.mark.parametrize("mimetype", [JSON, "text/csv"])
@pytest.mark.parametrize("name", PICTURES)
def test_picture_in_a_stream_is_an_error_that_says_so(name, mimetype, provider):
    rows = [{"a": PICTURES[name]()}]
    with pytest.raises(TypeError, match="objects are sent by themselves"):
        send(lambda kit: kit.stream(rows, mimetype=mimetype), mimetype, provider)


# Every renderer


def read_xml(data):
    def open_element(element):
        children = [(child.tag, open_element(child)) for child in element]
        return (element.text or "", {**element.attrib}, children)

    return open_element(ET.fromstring(data))


def read_csv(data):
    return [*csv.reader(io.StringIO(data.decode(), newline=""))]


def read_lines(data):
    return [*map(json.loads, data.splitlines())]


#: What reads what a renderer writes.
READERS = {
    "xml": (read_xml, "application/xml"),
    "csv": (read_csv, "text/csv"),
    "yaml": (yaml.safe_load, "application/yaml"),
    "msgpack": (msgspec.msgpack.decode, "application/vnd.msgpack"),
    "ndjson": (read_lines, "application/x-ndjson"),
    "text": (bytes.decode, "text/plain"),
}
#: The others make no difference to renderers.
MOST_PLACES = ("alone", "in-long-list", "in-dict", "in-dataclass")
#: What has one value, and no rows for some renderers.
SCALARS = ("float", "pandas-no-time")
NO_ROWS = {*itertools.product(SCALARS, ("csv", "ndjson"), ("alone",))}


def render(result, renderer, provider):
    read, mimetype = {"json": (json.loads, JSON), **READERS}[renderer]
    response = send(result, mimetype, provider, renderer)
    assert (response.status_code, response.mimetype) == (200, mimetype)
    return read(response.data)


@PROVIDERS
@pytest.mark.parametrize(
    ("name", "renderer", "place"),
    [
        combination
        for combination in itertools.product(VALUES, READERS, MOST_PLACES)
        if combination not in NO_ROWS
    ],
)
def test_renderers_say_what_json_says(name, renderer, place, provider):
    make, plain = VALUES[name]
    found = render(lambda kit: PLACES[place](make), renderer, provider)
    expected = to_plain(PLACES[place](lambda: plain))
    if renderer == "ndjson" and not isinstance(expected, list):
        expected = [expected]
    if renderer in ("xml", "csv", "text"):
        # The same as of plain data, which they are tested with elsewhere.
        expected = READERS[renderer][0](make_renderer(renderer).render(expected))
        if place == "alone" and name.endswith("-series") and renderer == "csv":
            expected = [["value"], *expected]
    assert found == expected


# Streams


@PROVIDERS
@pytest.mark.parametrize("count", [1, 10])
@pytest.mark.parametrize("renderer", ["json", "ndjson"])
@pytest.mark.parametrize("name", VALUES)
def test_rows_of_a_stream_are_what_json_says(name, renderer, count, provider):
    make, plain = VALUES[name]
    found = render(
        lambda kit: kit.stream(make() for _ in range(count)), renderer, provider
    )
    assert found == [plain] * count


@PROVIDERS
@pytest.mark.parametrize("count", [1, 10])
@pytest.mark.parametrize("name", VALUES)
def test_rows_of_a_stream_as_csv_are_those_of_plain_data(name, count, provider):
    make, plain = VALUES[name]

    def stream(row):
        return render(
            lambda kit: kit.stream(row() for _ in range(count)), "csv", provider
        )

    assert stream(make) == stream(lambda: plain)


@PROVIDERS
@pytest.mark.parametrize("kind", ["rows", "mappings"])
@pytest.mark.parametrize("renderer", ["json", "ndjson", "csv"])
def test_result_of_a_query_can_be_streamed(renderer, kind, provider):
    def result(kit):
        return kit.stream(RESULTS[kind](query("id", "name")))

    found = render(result, renderer, provider)
    cells = [["id", "name"], ["1", "a"], ["2", ""]]
    assert found == (cells if renderer == "csv" else ROWS)


@PROVIDERS
@WITH_PLACES
@pytest.mark.parametrize("kind", RESULTS)
def test_result_of_a_query_is_an_error_that_says_what_to_do(kind, place, provider):
    def make():
        return RESULTS[kind](query("id", "name"))

    message = r"Result gives its rows once.*Return result\.all\(\), or kit\.stream"
    with pytest.raises(TypeError, match=message):
        send(lambda kit: PLACES[place](make), JSON, provider)
