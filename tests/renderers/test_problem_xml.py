from __future__ import annotations

import datetime
import enum
import json
import re
import xml.etree.ElementTree as ET

import pytest
from flask import Flask
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from flask_responsekit import Problem
from flask_responsekit import ResponseKit
from flask_responsekit.renderers.problem_xml import ProblemXMLRenderer

XML = "application/problem+xml; charset=utf-8"
NAMESPACE = "urn:ietf:rfc:7807"
START = b'<?xml version="1.0" encoding="utf-8"?>\n<problem xmlns="urn:ietf:rfc:7807">'
CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
    "image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
)

# RFC 9457, appendix B, in the XML syntax.
SCHEMA = etree.RelaxNG(
    etree.fromstring("""
    <grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="urn:ietf:rfc:7807"
             datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
      <start>
        <element name="problem">
          <interleave>
            <optional><element name="type"><data type="anyURI"/></element></optional>
            <optional><element name="title"><data type="string"/></element></optional>
            <optional><element name="detail"><data type="string"/></element></optional>
            <optional>
              <element name="status"><data type="positiveInteger"/></element>
            </optional>
            <optional>
              <element name="instance"><data type="anyURI"/></element>
            </optional>
          </interleave>
          <ref name="anyNsElement"/>
        </element>
      </start>
      <define name="anyNsElement">
        <zeroOrMore>
          <choice>
            <element>
              <nsName/>
              <choice><ref name="anyNsElement"/><text/></choice>
            </element>
            <attribute><anyName/><text/></attribute>
          </choice>
        </zeroOrMore>
      </define>
    </grammar>
    """)
)

# Namespaces in XML 1.0, section 3, and XML 1.0, section 2.3.
_FIRST = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff"
    "\u200c-\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd"
    "\U00010000-\U000effff"
)
NC_NAME = re.compile(f"[{_FIRST}][{_FIRST}\\-.0-9\u00b7\u0300-\u036f\u203f\u2040]*")
# XML 1.0, section 2.2.
_CHARACTERS = "\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff"


def read(body):
    """The root of a document, which two parsers and the schema accept."""
    root = etree.fromstring(body, etree.XMLParser(huge_tree=True))
    SCHEMA.assertValid(root)
    assert root.tag == f"{{{NAMESPACE}}}problem"
    assert ET.fromstring(body).tag == root.tag
    return root


def render(document):
    return ProblemXMLRenderer().render(document)


def get_names(element):
    return [etree.QName(child).localname for child in element]


def make_app(view):
    app = Flask("example", static_folder=None)
    app.kit = ResponseKit(app)
    app.add_url_rule("/", "view", view)
    return app


def get(app, accept="application/problem+xml"):
    return app.test_client().get("/", headers={"Accept": accept})


# What is written.


@pytest.mark.parametrize(
    ("value", "elements"),
    [
        pytest.param({}, "", id="nothing"),
        pytest.param({"a": "b", "c": "d"}, "<a>b</a><c>d</c>", id="text"),
        pytest.param({"a": ""}, "<a />", id="no-text"),
        pytest.param({"a": 5, "b": -1.5}, "<a>5</a><b>-1.5</b>", id="numbers"),
        pytest.param({"a": True, "b": False}, "<a>true</a><b>false</b>", id="bools"),
        pytest.param({"a": None, "b": 5}, "<b>5</b>", id="None"),
        pytest.param({"a": [1, "b"]}, "<a><i>1</i><i>b</i></a>", id="list"),
        pytest.param({"a": [None, 1]}, "<a><i /><i>1</i></a>", id="None-keeps-place"),
        pytest.param({"a": [[1], []]}, "<a><i><i>1</i></i><i /></a>", id="lists"),
        pytest.param({"a": {"b": {"c": 5}}}, "<a><b><c>5</c></b></a>", id="dicts"),
        pytest.param({"a": {"b": None, "c d": 5}}, "<a />", id="None-inside"),
        pytest.param({"a": [{"b": 1}]}, "<a><i><b>1</b></i></a>", id="dict-in-list"),
        pytest.param({"a": "<&>\"'"}, "<a>&lt;&amp;&gt;\"'</a>", id="markup"),
        pytest.param({"a": "größe 💥"}, "<a>größe 💥</a>", id="unicode"),
        pytest.param({"type": "a", "xml": 5}, "<type>a</type><xml>5</xml>", id="names"),
    ],
)
def test_members_are_elements(value, elements):
    body = render({"title": "t", **value})
    read(body)
    assert body == START + f"<title>t</title>{elements}</problem>".encode()


@pytest.mark.parametrize(
    "name",
    ["a", "_", "A-1.b", "a.", "problem", "i", "xmlns", "größe", "名前", "имя", "é1"]
    + ["a\u0301", "a·b", "_名"],
    ids=ascii,
)
def test_name_that_xml_has_stays(name):
    [child] = read(render({name: {name: 5}}))
    assert get_names([child, *child]) == [name, name]
    assert child[0].text == "5"


@pytest.mark.parametrize(
    "name",
    ["", " ", "1a", "a b", "a\n", "a\r", "a\0", "-", ".a", "a:b", ":", "a/", "<a>"]
    + ["a>", "a=", "a&", "&amp;", "a'", 'a"', "{ns}a", "{}a", "}a", "a}", "xml:a"]
    + ["größe ", "größe\n", "1größe", "größe:a", "a:größe", "xml:größe", "größe/"]
    + ["größe\0", "größe\ud800", "größe\uffff", "größe><a", "größe a='b'", "größe}"]
    + ["{ns}größe", "{größe}a", "{}größe", "{urn:ietf:rfc:7807}größe", "{größe"]
    + ["\u0301a", "·a", "\xa0", "\u2028", "×", "\ud800", "\ufffe", "!größe"],
    ids=ascii,
)
def test_what_is_no_name_is_left_out(name):
    root = read(render({"a": 1, name: 2, "b": {name: 3, "c": 4}}))
    assert (get_names(root), get_names(root[1])) == (["a", "b"], ["c"])


@pytest.mark.parametrize(
    ("text", "arrives"),
    [
        pytest.param("\0a\x0b\x1f", "\ufffda\ufffd\ufffd", id="control"),
        pytest.param("\t\n \x7f\x85", "\t\n \x7f\x85", id="allowed-control"),
        pytest.param("\ud800\udfff\ud83d", "\ufffd\ufffd\ufffd", id="surrogates"),
        pytest.param("\ufffd\ufffe\uffff", "\ufffd\ufffd\ufffd", id="noncharacters"),
        pytest.param("\r \r\n \n", "\r \r\n \n", id="carriage-return"),
        pytest.param("<script>alert(1)</script>", None, id="script"),
        pytest.param("<![CDATA[a]]>", None, id="cdata"),
        pytest.param("]]>", None, id="end-of-cdata"),
        pytest.param("<!-- a --><?b c?>&d;&#0;", None, id="comment"),
        pytest.param("  a  ", None, id="spaces"),
        pytest.param("\U0001f4a5\U0010ffff", None, id="astral"),
        pytest.param("a<\r" * 350_000, None, id="1MB"),
    ],
)
def test_text_arrives_apart_from_what_xml_does_not_have(text, arrives):
    [title, inner] = read(render({"title": text, "a": [text]}))
    assert title.text == inner[0].text == (text if arrives is None else arrives)


# Problems of an app.


class OutOfStock(Problem):
    code = 409
    type = "https://example.com/out-of-stock?a=b&c=d#e"
    title = "Out of <stock>"
    description = "There is none left."


class Money:
    amount = 5


class Color(enum.Enum):
    RED = "red"


def make_converted():
    moment = datetime.time(12, 30)
    inside = {"money": Money(), 5: 6, "color": Color.RED}
    return Problem(404, at=moment, items=(inside, {1}), cause=OutOfStock())


@pytest.mark.parametrize(
    ("make", "members"),
    [
        pytest.param(
            lambda: Problem(404),
            [("type", "about:blank"), ("title", "Not Found"), ("status", "404")],
            id="status",
        ),
        pytest.param(
            lambda: OutOfStock(instance="//a/?b&c", left=0, who=None, **{"a:b": 1}),
            [
                ("type", "https://example.com/out-of-stock?a=b&c=d#e"),
                ("title", "Out of <stock>"),
                ("status", "409"),
                ("detail", "There is none left."),
                ("instance", "//a/?b&c"),
                ("left", "0"),
            ],
            id="all",
        ),
        pytest.param(
            lambda: Problem(599, title="\0", detail="\ud800", größe="]]>"),
            [
                ("type", "about:blank"),
                ("title", "\ufffd"),
                ("status", "599"),
                ("detail", "\ufffd"),
                ("größe", "]]>"),
            ],
            id="hostile",
        ),
        pytest.param(
            lambda: (OutOfStock(title="a", detail="b", type="c"), 400),
            [("type", "c"), ("title", "a"), ("status", "400"), ("detail", "b")],
            id="other-status",
        ),
    ],
)
def test_problem_is_sent_as_xml_that_the_schema_accepts(make, members):
    response = get(make_app(make))
    assert response.content_type == XML
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Vary"] == "Accept"
    root = read(response.data)
    found = [(etree.QName(child).localname, child.text or "") for child in root]
    assert found == members
    assert response.status_code == int(dict(members)["status"])


def test_extension_is_of_any_type_that_has_a_converter():
    app = make_app(make_converted)
    app.kit.add_converter(Money, lambda money: money.amount)
    at, items, cause = read(get(app).data)[3:]
    assert at.text == "12:30:00"
    assert get_names(items) == ["i", "i"]
    assert get_names(items[0]) == ["money", "color"]
    assert [one.text for one in items[0]] == ["5", "red"]
    assert [one.text for one in items[1]] == ["1"]
    assert get_names(cause) == ["type", "title", "status", "detail"]


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("application/problem+xml", "application/problem+xml"),
        ("application/xml", "application/problem+xml"),
        ("text/xml", "application/problem+xml"),
        ("application/xml, application/json;q=0.8", "application/problem+xml"),
        ("application/xml, application/json;q=0.9", "application/problem+xml"),
        ("application/problem+xml, */*;q=0.9", "application/problem+xml"),
        ("application/xml, text/html;q=0.9", "application/problem+xml"),
        ("application/json, application/xml", "application/problem+json"),
        ("text/*", "text/html"),
        (CHROME, "text/html"),
    ],
)
def test_xml_is_for_those_who_prefer_it(accept, mimetype):
    assert get(make_app(OutOfStock), accept).mimetype == mimetype


# Laws.

_TEXTS = st.lists(
    st.sampled_from(["\0", "\r", "\n", "\x85", "\u2028", "\ud800", "\uffff", "💥", " "])
    | st.sampled_from(["<script>", "]]>", "-->", "?>", "&amp;", "&#0;", '"', "'"])
    | st.text(st.characters(), max_size=5),
    max_size=5,
).map("".join)
_NAMES = (
    st.sampled_from(["größe", "a:b", "1a", "a b", "{ns}a", "{ns}ä", "i", "xmlns", ""])
    | st.text("aZ_éß名ሀ💥9.-·\u0301", min_size=1, max_size=3)
    | _TEXTS
)
_DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3)
    ),
    max_leaves=8,
)
_URIS = st.sampled_from(["about:blank", "/a?b&c#d", "#", "http://[::1]:5/%20", "a'b"])
DOCUMENTS = st.builds(
    lambda extensions, **members: {**members, **extensions, **members},
    type=_URIS,
    title=_TEXTS,
    status=st.integers(400, 599),
    detail=_TEXTS,
    instance=_URIS,
    extensions=st.dictionaries(
        # What a problem cannot be given as an extension.
        _NAMES.filter(lambda name: name not in ("headers", "self")),
        _DATA,
        max_size=4,
    ),
)


def clean(text):
    return re.sub(f"[^{_CHARACTERS}]", "\ufffd", text)


def check_says(element, value):
    """An element says what a value does."""
    if isinstance(value, dict):
        names = [name for name, item in value.items() if item is not None]
        kept = get_names(element)
        assert kept == [name for name in names if name in kept]
        assert all(map(NC_NAME.fullmatch, kept))
        for name in set(names).difference(kept):
            # A letter that is new in the fifth edition is none to all parsers.
            assert not (name.isascii() and NC_NAME.fullmatch(name))
        for name, child in zip(kept, element, strict=True):
            check_says(child, value[name])
    elif isinstance(value, list):
        assert get_names(element) == ["i"] * len(value)
        for item, child in zip(value, element, strict=True):
            check_says(child, item)
    elif value is None:
        assert (element.text, len(element)) == (None, 0)
    else:
        text = clean(value) if isinstance(value, str) else json.dumps(value)
        assert (element.text or "", len(element)) == (text, 0)


@given(DOCUMENTS)
@example({"{ns}größe": 1})
def test_any_document_is_written_as_the_schema_wants_it(document):
    root = read(render(document))
    check_says(root, document)


_APP = make_app(lambda: _APP.problem)


@given(DOCUMENTS)
def test_any_problem_is_sent_as_the_schema_wants_it(document):
    _APP.problem = Problem(**document)
    response = get(_APP)
    assert (response.status_code, response.content_type) == (document["status"], XML)
    found = get_names(read(response.data))
    assert found[:3] == ["type", "title", "status"]
    assert "instance" in found
