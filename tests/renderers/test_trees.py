from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st

from flask_responsekit.renderers.trees import write_tree

DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'


def parse(document):
    """Parse a document, keeping its comments and processing instructions."""
    builder = ET.TreeBuilder(insert_comments=True, insert_pis=True)
    return ET.fromstring(document.encode(), ET.XMLParser(target=builder))


def build(tag, attributes=None, *children, text=None, tail=None):
    element = ET.Element(tag, attributes or {})
    element.text, element.tail = text, tail
    element.extend(children)
    return element


def instruct(text):
    """A processing instruction that has exactly this text."""
    element = ET.ProcessingInstruction("target")
    element.text = text
    return element


# What is written


@pytest.mark.parametrize(
    ("tree", "body"),
    [
        pytest.param(build("a"), "<a />", id="element"),
        pytest.param(ET.ElementTree(build("a")), "<a />", id="tree"),
        pytest.param(
            build("a", {"b": '<"&'}), '<a b="&lt;&quot;&amp;" />', id="quoted"
        ),
        pytest.param(build("a", text="<&]]>é"), "<a>&lt;&amp;]]&gt;é</a>", id="text"),
        pytest.param(build("a", tail="lost"), "<a />", id="tail-of-root"),
        pytest.param(
            build("{urn:a}b", {"{urn:c}d": "1"}),
            '<ns0:b xmlns:ns0="urn:a" xmlns:ns1="urn:c" ns1:d="1" />',
            id="namespaces",
        ),
        pytest.param(
            build("svg", {"xmlns": "http://www.w3.org/2000/svg"}),
            '<svg xmlns="http://www.w3.org/2000/svg" />',
            id="namespace-as-attribute",
        ),
        pytest.param(
            build("a:b", {"xmlns:a": "urn:a", "xml:lang": "en"}),
            '<a:b xmlns:a="urn:a" xml:lang="en" />',
            id="prefix-as-attribute",
        ),
        pytest.param(
            build(ET.QName("urn:a", "b"), {ET.QName("c"): ET.QName("urn:a", "d")}),
            '<ns0:b xmlns:ns0="urn:a" c="ns0:d" />',
            id="QName",
        ),
        pytest.param(build("é-._1"), "<é-._1 />", id="name"),
        pytest.param(
            build("a", {}, ET.Comment("b-c<&"), ET.ProcessingInstruction("d", "e?f>")),
            "<a><!--b-c<&--><?d e?f>?></a>",
            id="comment-and-instruction",
        ),
        pytest.param(build("a", {}, ET.Comment()), "<a><!----></a>", id="no-comment"),
    ],
)
def test_tree_is_written_as_a_document(tree, body):
    document = write_tree(tree)
    assert document == DECLARATION + body
    parse(document)


def test_writing_leaves_the_tree_as_it_was():
    parent = build("a", {}, build("b", text="c", tail="d"))
    assert write_tree(parent[0]) == DECLARATION + "<b>c</b>"
    assert parent[0].tail == "d"
    assert write_tree(parent) == DECLARATION + "<a><b>c</b>d</a>"


def test_line_ends_and_tabs_are_kept():
    text = " a\tb\nc\r\nd\re "
    parsed = parse(
        write_tree(build("a", {"b": text}, build("c", tail=text), text=text))
    )
    assert (parsed.get("b"), parsed.text, parsed[0].tail) == (text, text, text)


# What is refused

HOSTILE_NAMES = [
    *("", " ", "a b", "a\tb", "a\n", " a", "a>", "><b", "a/", "a<b", "a&b", "a;"),
    *('a"', "a'", 'a="1"', 'a b="1" c', "a?", "!--", "?a", "1a", "-a", "a\xd7"),
    *("a:b", "a:b:c", ":a", "a:", "{urn:a}", "{urn:a}b c", "{urn:a}b:c", "{urn:a"),
    *("a}", "{u}{v}a", "a\0", "a\ud800", "a\u2028"),
    "{http://www.w3.org/2000/xmlns/}a",
]


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=ascii)
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda name: build(name), id="tag"),
        pytest.param(lambda name: build("a", {name: "1"}), id="attribute"),
        pytest.param(lambda name: build(ET.QName(name)), id="QName"),
    ],
)
def test_name_that_is_no_xml_name_is_refused(make, name):
    with pytest.raises(ValueError, match="name|written"):
        write_tree(build("root", {}, make(name)))


@pytest.mark.parametrize("name", [None, 1, b"a", print, ("a",)], ids=repr)
@pytest.mark.parametrize("place", ["tag", "attribute"])
def test_name_that_is_no_text_is_refused(name, place):
    child = build(name) if place == "tag" else build("a", {name: "1"})
    with pytest.raises(ValueError, match="is not the name"):
        write_tree(build("root", {}, child))


@pytest.mark.parametrize(
    "character", ["\0", "\x08", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800", "\udfff"]
)
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda text: build("a", text=text), id="text"),
        pytest.param(lambda text: build("a", {}, build("b", tail=text)), id="tail"),
        pytest.param(lambda text: build("a", {"b": text}), id="attribute"),
        pytest.param(lambda text: build("a", {}, ET.Comment(text)), id="comment"),
        pytest.param(
            lambda text: build("a", {}, ET.ProcessingInstruction("b", text)),
            id="instruction",
        ),
        pytest.param(lambda text: build("{urn:" + text + "}a"), id="namespace"),
    ],
)
def test_character_that_xml_does_not_have_is_refused(make, character):
    with pytest.raises(ValueError, match="cannot be written as XML"):
        write_tree(make("a" + character + "b"))


@pytest.mark.parametrize(
    "child",
    [
        pytest.param(ET.Comment("--><b/><!--"), id="comment-end"),
        pytest.param(ET.Comment("a--b"), id="two-hyphens"),
        pytest.param(ET.Comment("a-"), id="hyphen-last"),
        pytest.param(ET.ProcessingInstruction("a", "?><b/><?c"), id="instruction-end"),
        pytest.param(ET.ProcessingInstruction("a?><b/><?c"), id="target-end"),
        pytest.param(
            ET.ProcessingInstruction("xml", 'version="1.0"'), id="declaration"
        ),
        pytest.param(ET.ProcessingInstruction("XmL"), id="reserved-target"),
        pytest.param(ET.ProcessingInstruction(""), id="no-target"),
        pytest.param(ET.ProcessingInstruction("1 a"), id="target-no-name"),
        pytest.param(ET.ProcessingInstruction(" a"), id="space-first"),
    ],
)
def test_comment_or_instruction_that_would_end_is_refused(child):
    with pytest.raises(ValueError):
        write_tree(build("root", {}, child))


NOT_TEXT = [1, 1.5, True, b"a", ["--><b/><!--"], ("--><b/><!--",), {"?><b/><?c": 1}]


@pytest.mark.parametrize("value", NOT_TEXT, ids=repr)
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda value: build("a", text=value), id="text"),
        pytest.param(lambda value: build("a", {}, build("b", tail=value)), id="tail"),
        pytest.param(lambda value: build("a", {"b": value}), id="attribute"),
        pytest.param(lambda value: build("a", {}, ET.Comment(value)), id="comment"),
        pytest.param(lambda value: build("a", {}, instruct(value)), id="instruction"),
    ],
)
def test_value_that_is_no_text_is_refused(make, value):
    with pytest.raises((TypeError, ValueError)):
        write_tree(make(value))


@pytest.mark.parametrize("value", [['"><c/>'], ET.QName('c" d="e')], ids=repr)
def test_attribute_that_is_no_text_cannot_end_its_quotes(value):
    with pytest.raises((TypeError, ValueError)):
        write_tree(build("a", {"b": value}, text="f"))


@pytest.mark.parametrize(
    "tree",
    [
        pytest.param(ET.ElementTree(), id="no-root"),
        pytest.param(ET.Comment("a"), id="comment"),
        pytest.param(ET.ProcessingInstruction("a"), id="instruction"),
    ],
)
def test_document_needs_an_element(tree):
    with pytest.raises(ValueError, match="root|cannot be written"):
        write_tree(tree)


def test_tree_that_is_nested_too_deeply_is_refused():
    root = element = ET.Element("a")
    for _ in range(5000):
        element = ET.SubElement(element, "a")
    with pytest.raises(ValueError):
        write_tree(root)


def test_attribute_cannot_give_a_prefix_that_is_in_use_another_meaning():
    tree = build("root", {}, build("{urn:a}b", {"xmlns:ns0": "urn:c"}))
    with pytest.raises(ValueError):
        write_tree(tree)


# The law

ALPHABET = st.sampled_from("ab1 :-?<>/&\"'=]}{!\t\n\r\0\x0b\x85\u2028é\ufffe\ud800")
TEXTS = st.text(ALPHABET, max_size=8) | st.text(max_size=4) | st.none()
NAMES = (
    st.sampled_from(["a", "b", "{urn:a}a", "{urn:b}a", "xml:lang", "é", *HOSTILE_NAMES])
    | st.text(ALPHABET, max_size=5)
    | st.builds("{{{}}}{}".format, st.text(ALPHABET, max_size=4), st.just("a"))
)
VALUES = TEXTS | st.integers() | st.lists(TEXTS, max_size=1)
LEAVES = st.builds(ET.Comment, VALUES) | st.builds(instruct, VALUES)
FINE = st.text(st.sampled_from("ab -?<>&\"']}é\n"), max_size=6)
FINE_NAMES = st.sampled_from(["a", "b-1", "{urn:a}a", "{urn:b}b", "{http://x/?a=b&c}d"])


def elements(children, names=NAMES, values=VALUES):
    return st.builds(
        lambda tag, attributes, parts, text, tail: build(
            tag, attributes, *parts, text=text, tail=tail
        ),
        names,
        st.dictionaries(names, values, max_size=2),
        st.lists(children, max_size=2),
        values,
        values,
    )


TREES = st.recursive(
    st.builds(ET.Comment, FINE),
    lambda trees: elements(trees, FINE_NAMES, FINE),
    max_leaves=6,
)


def shape(element, *, root=True):
    """What of an element has to arrive."""
    text = element.text or ""
    if element.tag is ET.ProcessingInstruction:
        text = " ".join(text.rstrip("\t\r\n ").split(None, 1))
    return (
        expand(element.tag),
        {expand(name): value for name, value in element.items()},
        end_lines(text),
        None if root else end_lines(element.tail or ""),
        [shape(child, root=False) for child in element],
    )


def expand(name):
    """Name what has the one prefix that needs no declaration."""
    namespace = "{http://www.w3.org/XML/1998/namespace}"
    return re.sub("^xml:", namespace, name) if isinstance(name, str) else name


def end_lines(text):
    """End lines as a parser does, also where that cannot be prevented."""
    return re.sub("\r\n?", "\n", text) if isinstance(text, str) else text


@given(TREES | LEAVES | elements(LEAVES) | elements(elements(LEAVES), FINE_NAMES))
@example(build("a", {"b": ['"><c/>']}, text="d"))
@example(build("a", {}, ET.Comment(["--><b/>"])))
def test_tree_arrives_or_is_refused(tree):
    declares = any(
        str(name).startswith("xmlns") for e in tree.iter() for name in e.keys()
    )
    try:
        document = write_tree(tree)
    except (TypeError, ValueError):
        return
    assert document.startswith(DECLARATION)
    assert declares or shape(parse(document)) == shape(tree)
