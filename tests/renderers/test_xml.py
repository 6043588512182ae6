from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from flask_responsekit.renderers.xml import XMLRenderer

DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'


def write_data(value, **options):
    document = XMLRenderer(**options).render(value).decode()
    ET.fromstring(document)
    return document.removeprefix(DECLARATION)


@pytest.mark.parametrize(
    ("value", "body"),
    [
        pytest.param({"a": "b"}, "<a>b</a>", id="dict"),
        pytest.param([1, "b"], "<item>1</item><item>b</item>", id="list"),
        pytest.param({"a": [1]}, "<a><item>1</item></a>", id="list-in-dict"),
        pytest.param([[1]], "<item><item>1</item></item>", id="list-in-list"),
        pytest.param({"a": None}, '<a nil="true" />', id="None"),
        pytest.param({"a": ""}, "<a />", id="empty-text"),
        pytest.param({"a": []}, '<a type="array" />', id="empty-list"),
        pytest.param({"a": {}}, '<a type="object" />', id="empty-dict"),
        pytest.param([True, False], "<item>true</item><item>false</item>", id="bools"),
        pytest.param({"a": -1e22}, "<a>-1e+22</a>", id="float"),
        pytest.param({"a": float("nan")}, "<a>NaN</a>", id="nan"),
        pytest.param({"a": float("inf")}, "<a>INF</a>", id="infinity"),
        pytest.param({"a": float("-inf")}, "<a>-INF</a>", id="minus-infinity"),
        pytest.param({"a": "Infinity"}, "<a>Infinity</a>", id="no-number"),
        pytest.param("<&é", "&lt;&amp;é", id="text"),
        pytest.param({"_a.b-1": 1}, "<_a.b-1>1</_a.b-1>", id="name"),
    ],
)
def test_data_becomes_elements(value, body):
    assert write_data(value, root="r") == f"<r>{body}</r>"


@pytest.mark.parametrize(
    "key",
    ["", " ", "1", "a b", "a:b", "é", "-", "xml", "XmLa", "item", "a\n", '"<&', "\r\n"],
    ids=repr,
)
def test_key_that_is_no_name_is_an_attribute(key):
    [child] = ET.fromstring(XMLRenderer().render({key: 1}))
    assert (child.tag, child.attrib, child.text) == ("item", {"name": key}, "1")


@pytest.mark.parametrize("text", [" ", "\r", "\n", "\r\n", " \r\n\t "], ids=repr)
def test_text_of_spaces_is_kept(text):
    assert ET.fromstring(XMLRenderer().render([text]))[0].text == text


@pytest.mark.parametrize(
    ("cls", "root"),
    [
        pytest.param(dict, "<dict>", id="built-in"),
        pytest.param(type("User", (), {}), "<User>", id="class"),
        pytest.param(type("item", (), {}), '<item name="item">', id="item"),
        pytest.param(type("É<", (), {}), '<item name="É&lt;">', id="no-name"),
    ],
)
def test_root_is_named_after_the_type(cls, root):
    write = XMLRenderer().render_value
    assert root in write(5, cls, lambda value: {"id": value}).decode()
    write = XMLRenderer(root="r").render_value
    assert b"<r><id>5</id></r>" in write(5, cls, lambda value: {"id": value})


@pytest.mark.parametrize(
    "root", ["", "1", "a b", "xmla", "item", "é", "a\n", 5], ids=repr
)
def test_root_has_to_be_a_name(root):
    with pytest.raises(ValueError, match="root=.* cannot name the root"):
        XMLRenderer(root=root)


@pytest.mark.parametrize(
    "value", ["\0", {"\x0b": 1}, ["\ud800"], {"\uffff": 1}], ids=ascii
)
def test_data_that_xml_does_not_have_is_refused(value):
    with pytest.raises(ValueError, match="cannot be written as XML"):
        XMLRenderer().render(value)


@pytest.mark.parametrize("depth", [400, 5000, 50_000])
def test_data_is_written_to_a_depth_or_refused(depth):
    value = []
    for _ in range(depth):
        value = [value]
    if depth == 400:
        assert XMLRenderer().render(value).count(b"<item>") == depth - 1
    else:
        with pytest.raises(ValueError, match="nested too deeply"):
            XMLRenderer().render(value)


def test_all_types_can_be_xml():
    assert XMLRenderer().can_render(object)
