from __future__ import annotations

import concurrent.futures
import csv
import io
import json
import re
import xml.etree.ElementTree as ET

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flask_responsekit.renderers.csv import CSVRenderer
from flask_responsekit.renderers.msgpack import MessagePackRenderer
from flask_responsekit.renderers.ndjson import NDJSONRenderer
from flask_responsekit.renderers.text import TextRenderer
from flask_responsekit.renderers.xml import XMLRenderer
from flask_responsekit.renderers.yaml import YAMLRenderer

ALL = [
    XMLRenderer(),
    CSVRenderer(),
    YAMLRenderer(),
    MessagePackRenderer(),
    NDJSONRenderer(),
    TextRenderer(),
]

KEYS = st.sampled_from(
    ["", "a", "item", "items", "xml", "XMLa", "a b", "1", "=", "yes", "é", "a:b", "\n"]
)
# Without NUL, which the csv module of Python 3.10 cannot read.
TEXTS = st.text(st.characters(exclude_characters="\0"), max_size=6) | st.sampled_from(
    [
        " ",
        "\r",
        "\r\n ",
        "=1",
        "-1",
        "null",
        "1e3",
        "\x85",
        "]]>",
        '"',
        "\ud800",
        "\x0b",
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
DATA = st.recursive(
    SCALARS,
    lambda data: (
        st.lists(data, max_size=4) | st.dictionaries(KEYS | TEXTS, data, max_size=4)
    ),
    max_leaves=12,
)
ROWS = st.lists(st.dictionaries(KEYS | TEXTS, DATA, max_size=4), max_size=4)


def has(pattern, value):
    """Whether a text in the data has such a character."""
    return re.search(pattern, json.dumps(value, ensure_ascii=False)) is not None


def to_text(value):
    """What arrives of data where scalars are text."""
    if isinstance(value, dict):
        return {key: to_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [*map(to_text, value)]
    return value if value is None or isinstance(value, str) else json.dumps(value)


def parse_xml(element):
    if element.get("nil") == "true":
        return None
    if element.get("type"):
        return {"array": [], "object": {}}[element.get("type")]
    if not len(element):
        return element.text or ""
    if all(child.tag == "item" and "name" not in child.attrib for child in element):
        return [*map(parse_xml, element)]
    return {child.get("name", child.tag): parse_xml(child) for child in element}


@given(DATA)
def test_xml_gives_the_same_data_as_text(value):
    try:
        document = XMLRenderer().render(value)
    except ValueError:
        # JSON escapes control characters.
        assert has(r"\\u00[01]|\\[bf]|[\ud800-\udfff\ufffe\uffff]", value)
    else:
        assert repr(parse_xml(ET.fromstring(document))) == repr(to_text(value))


@pytest.mark.parametrize("renderer", ALL[2:4], ids=lambda renderer: renderer.name)
@given(DATA)
def test_binary_and_yaml_give_the_same_data(renderer, value):
    parse = {"yaml": yaml.safe_load, "msgpack": msgspec.msgpack.decode}[renderer.name]
    try:
        document = renderer.render(value)
    except ValueError:
        assert has(r"[\ud800-\udfff]", value)
    else:
        assert repr(parse(document)) == repr(value)


@given(DATA)
def test_ndjson_gives_the_same_data(value):
    document = NDJSONRenderer().render(value).decode("ascii")
    lines = [json.loads(line) for line in document.splitlines()]
    assert repr(lines) == repr(value if isinstance(value, list) else [value])
    assert document.endswith("\n") or value == []


@given(DATA)
def test_text_gives_the_same_data_unless_it_is_text(value):
    document = TextRenderer().render(value).decode()
    if value is None or isinstance(value, str):
        assert document == (value or "").encode(errors="backslashreplace").decode()
    else:
        assert repr(json.loads(document)) == repr(value)


def read_csv(document):
    return [*csv.reader(io.StringIO(document.decode(), newline=""), strict=True)]


def parse_cell(text, like):
    if like is None or isinstance(like, str):
        return text or like
    return json.loads(text)


@given(ROWS)
def test_csv_gives_the_same_cells(rows):
    try:
        document = CSVRenderer(formulas="raw").render(rows)
    except ValueError:
        assert has(r"[\ud800-\udfff]", rows)
        return
    assert len(read_csv(document)) == (len(rows) + 1 if rows else 0)
    header, *records = read_csv(document) or [[]]
    for row, record in zip(rows, records, strict=True):
        cells = dict(zip(header, record, strict=True))
        for key, cell in row.items():
            assert repr(parse_cell(cells.pop(key), cell)) == repr(cell)
        assert not any(cells.values())


@given(ROWS)
def test_csv_has_no_text_that_a_spreadsheet_computes(rows):
    try:
        document = CSVRenderer().render(rows)
    except ValueError:
        return
    for text in (text for record in read_csv(document) for text in record):
        if text.startswith(("=", "+", "-", "@", "\t", "\r")):
            assert isinstance(json.loads(text), (int, float))


@pytest.mark.parametrize("renderer", ALL, ids=lambda renderer: renderer.name)
def test_threads_share_one_renderer(renderer):
    values = [[{"id": n, "note": "é" * n, "n": [n]}] for n in range(100)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        written = [*pool.map(type(renderer)().render, values * 3)]
        assert [*pool.map(renderer.render, values * 3)] == written
    assert written == [renderer.render(value) for value in values] * 3


@pytest.mark.parametrize("renderer", ALL, ids=lambda renderer: renderer.name)
def test_renderer_says_what_it_is(renderer):
    cls = type(renderer)
    assert cls.name and cls.mimetype.count("/") == 1
    assert 0 < cls.quality <= 1
    assert cls.mimetype not in cls.aliases and isinstance(cls.aliases, tuple)
