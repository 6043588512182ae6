from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest
from hypothesis import assume
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from lxml import html
from lxml.html import builder

from flask_responsekit.libraries.lxml import write_tree

DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
XML = {"Content-Type": "application/xml; charset=utf-8"}
HTML = {"Content-Type": "text/html; charset=utf-8"}


def write(tree):
    """Parsers take bytes where a document declares an encoding."""
    body, headers = write_tree(tree)
    return body.encode(), headers


def parse(text, **options):
    return etree.fromstring(text, etree.XMLParser(**options))


def build(*children, text=None, tail=None, **attributes):
    element = etree.Element("a", **attributes)
    element.text, element.tail = text, tail
    element.extend(children)
    return element


def change(node, **attributes):
    """Set what a constructor would refuse."""
    for name, value in attributes.items():
        setattr(node, name, value)
    return node


def set_attribute(element, name, value="1"):
    element.set(name, value)
    return element


def surround(root, *, before=None, after=None):
    if before is not None:
        root.addprevious(before)
    if after is not None:
        root.addnext(after)
    return root.getroottree()


def nest(root, depth):
    element = root
    for _ in range(depth):
        element = etree.SubElement(element, root.tag)
    return root


# XML


@pytest.mark.parametrize(
    ("tree", "body"),
    [
        pytest.param(build(), "<a/>", id="element"),
        pytest.param(etree.ElementTree(build()), "<a/>", id="tree"),
        pytest.param(build(text="<&é\r"), "<a>&lt;&amp;é&#13;</a>", id="text"),
        pytest.param(build(b='<"&'), '<a b="&lt;&quot;&amp;"/>', id="attribute"),
        pytest.param(build(tail="lost"), "<a/>", id="tail"),
        pytest.param(parse("<a><b>c</b>lost</a>")[0], "<b>c</b>", id="tail-of-child"),
        pytest.param(
            set_attribute(etree.Element("{urn:a}b", nsmap={None: "urn:a"}), "{urn:c}d"),
            '<b xmlns="urn:a" xmlns:ns0="urn:c" ns0:d="1"/>',
            id="namespaces",
        ),
        pytest.param(
            build(etree.Comment("b-c<&"), etree.PI("d", "e?f>"), etree.PI("g")),
            "<a><!--b-c<&--><?d e?f>?><?g ?></a>",
            id="comment-and-instruction",
        ),
        pytest.param(
            build(etree.Comment(""), etree.Comment()),
            "<a><!----><!----></a>",
            id="empty",
        ),
        pytest.param(
            build(text=etree.CDATA("<b>&")), "<a><![CDATA[<b>&]]></a>", id="CDATA"
        ),
        pytest.param(
            parse('<!DOCTYPE a SYSTEM "a.dtd"><a/>').getroottree(),
            '<!DOCTYPE a SYSTEM "a.dtd">\n<a/>',
            id="doctype",
        ),
        pytest.param(parse('<!DOCTYPE a SYSTEM "a.dtd"><a/>'), "<a/>", id="only-root"),
        pytest.param(
            parse(
                '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', resolve_entities=False
            ).getroottree(),
            '<!DOCTYPE a [\n<!ENTITY b "c">\n]>\n<a>&b;</a>',
            id="declared-entity",
        ),
        pytest.param(
            parse(
                '<!DOCTYPE a SYSTEM "a.dtd"><a>&b;</a>', resolve_entities=False
            ).getroottree(),
            '<!DOCTYPE a SYSTEM "a.dtd">\n<a>&b;</a>',
            id="entity-declared-elsewhere",
        ),
        pytest.param(
            surround(build(), before=etree.PI("b", "c"), after=etree.Comment("d")),
            "<?b c?><a/><!--d-->",
            id="surroundings",
        ),
        pytest.param(
            parse('<?xml version="1.1"?><a/>').getroottree(), "<a/>", id="XML-1.1"
        ),
        pytest.param(
            etree.HTML("<p>é<br>"),
            "<html><body><p>é<br/></p></body></html>",
            id="HTML-parsed-as-plain-elements",
        ),
    ],
)
def test_tree_is_written_as_xml(tree, body):
    assert write(tree) == ((DECLARATION + body).encode(), XML)


def test_writing_leaves_the_tree_as_it_was():
    root = parse("<a><b/>tail</a>")
    write(root[0])
    assert etree.tostring(root) == b"<a><b/>tail</a>"


@pytest.mark.parametrize("root", [build(), html.Element("b")], ids=["xml", "html"])
def test_deep_tree_is_written(root):
    body, _ = write(nest(root, 20_000))
    assert body.count(b"<") in {40_001, 40_002, 40_003}


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        pytest.param(etree.ElementTree(), "The element tree has no root", id="no-root"),
        pytest.param(
            build(change(etree.Comment(""), text="--><b/><!--")),
            "The comment '--><b/><!--' in 'a' cannot be written: '--' would end it.",
            id="comment",
        ),
        pytest.param(
            build(change(etree.Comment(""), text="b-")),
            "The element 'a' cannot be written as XML",
            id="end-of-comment",
        ),
        pytest.param(
            build(change(etree.PI("b"), text="c?><d/><?e")),
            "The processing instruction 'b c?><d/><?e' in 'a' cannot be written",
            id="instruction",
        ),
        pytest.param(
            build(change(etree.PI("b"), target="c?><d/><?e")),
            "The processing instruction 'c?><d/><?e ' in 'a' cannot be written",
            id="target",
        ),
        pytest.param(
            build(change(etree.PI("b"), target="xml")),
            "The element 'a' cannot be written as XML",
            id="declaration-inside",
        ),
        pytest.param(
            surround(build(), before=change(etree.Comment(""), text="--><b/><!--")),
            "The comment '--><b/><!--' beside the root cannot be written",
            id="comment-before",
        ),
        pytest.param(
            surround(build(), after=change(etree.PI("b"), text="?><b/>")),
            "The processing instruction 'b ?><b/>' beside the root cannot be written",
            id="instruction-after",
        ),
        pytest.param(
            build(etree.Entity("b")),
            "The element 'a' cannot be written as XML (undefined entity",
            id="undeclared-entity",
        ),
        pytest.param(
            parse('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', resolve_entities=False),
            "The element 'a' cannot be written as XML (undefined entity",
            id="entity-declared-outside-of-the-element",
        ),
        pytest.param(
            set_attribute(
                etree.Element("{urn:a}b", nsmap={None: "urn:a"}), "xmlns", "urn:c"
            ),
            "The element '{urn:a}b' cannot be written as XML (duplicate attribute",
            id="namespace-twice",
        ),
        pytest.param(
            set_attribute(etree.HTML("<p>")[0][0], 'b="1"/><c d'),
            "The attribute name 'b=\"1\"/><c d' in 'p' cannot be written: 'b=' would",
            id="attribute-of-HTML",
        ),
        pytest.param(
            set_attribute(etree.HTML("<p>")[0][0], "@click"),
            "The element 'p' cannot be written as XML (not well-formed",
            id="name-that-only-HTML-has",
        ),
        pytest.param(
            etree.Comment("b"),
            "The element <!--b--> cannot be written as XML",
            id="comment-alone",
        ),
    ],
)
def test_tree_that_would_be_no_document_is_refused(tree, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        write(tree)


def test_comment_beside_the_root_matters_only_where_it_is_written():
    root = build()
    surround(root, before=change(etree.Comment(""), text="--><b/><!--"))
    assert write(root)[0] == f"{DECLARATION}<a/>".encode()


@pytest.mark.parametrize("character", ["\0", "\7", "\x1b", "\ufffe", "\ud800"])
def test_control_characters_do_not_get_into_a_tree(character):
    with pytest.raises(ValueError):
        build(text=character)
    with pytest.raises(ValueError):
        build(b=character)
    with pytest.raises(ValueError):
        etree.CDATA(character) and build(text=etree.CDATA(character))


def test_end_of_a_cdata_section_does_not_end_it():
    try:
        tree = build(text=etree.CDATA("b]]><c/>"))
    except ValueError as error:
        # lxml before 5.
        assert "not allowed inside CDATA" in str(error)
    else:
        root = ET.fromstring(write(tree)[0])
        assert (root.text, list(root)) == ("b]]><c/>", [])


def test_xslt_result_without_elements_is_refused():
    style = etree.XML(
        '<x:stylesheet version="1.0" xmlns:x="http://www.w3.org/1999/XSL/Transform">'
        '<x:output method="text"/><x:template match="/">text</x:template>'
        "</x:stylesheet>"
    )
    with pytest.raises(ValueError, match="has no root"):
        write(etree.XSLT(style)(build()))


# HTML


def get_page(text):
    return html.document_fromstring(text)


@pytest.mark.parametrize(
    ("tree", "body"),
    [
        pytest.param(html.fragment_fromstring("<p>é<br>"), "<p>é<br></p>", id="é"),
        pytest.param(
            html.fromstring("<div><p>a</p>lost</div>")[0], "<p>a</p>", id="tail"
        ),
        pytest.param(builder.P("<&", builder.BR()), "<p>&lt;&amp;<br></p>", id="built"),
        pytest.param(
            get_page("<!DOCTYPE html><p>a"),
            "<!DOCTYPE html>\n<html><body><p>a</p></body></html>",
            id="root-with-doctype",
        ),
        pytest.param(
            get_page("<!DOCTYPE html><p>a").getroottree(),
            "<!DOCTYPE html>\n<html><body><p>a</p></body></html>",
            id="tree-with-doctype",
        ),
        pytest.param(
            etree.ElementTree(get_page("<!DOCTYPE html><p>a")[0][0]),
            "<p>a</p>",
            id="tree-of-a-part",
        ),
        pytest.param(
            builder.P(html.HtmlComment("a - b"), html.HtmlEntity("nbsp")),
            "<p><!--a - b-->&nbsp;</p>",
            id="comment-and-entity",
        ),
        pytest.param(
            builder.SCRIPT("a < b && '</i>'"),
            "<script>a < b && '</i>'</script>",
            id="script",
        ),
        pytest.param(builder.STYLE("a > b {}"), "<style>a > b {}</style>", id="style"),
        pytest.param(
            set_attribute(builder.P(), "@click.once:a[b]"),
            '<p @click.once:a[b]="1"></p>',
            id="attribute",
        ),
        pytest.param(
            builder.P(change(etree.PI("a"), text="b?")), "<p><?a b?></p>", id="PI"
        ),
    ],
)
def test_tree_of_html_elements_is_written_as_html(tree, body):
    assert write(tree) == (body.encode(), HTML)


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        pytest.param(
            builder.P(change(html.HtmlComment(""), text="a--><b>")),
            "The comment 'a--><b>' in 'p' cannot be written: '-->' would end it.",
            id="comment",
        ),
        pytest.param(
            builder.P(change(html.HtmlComment(""), text="a--!><b>")),
            "The comment 'a--!><b>' in 'p' cannot be written: '--!>' would end it.",
            id="comment-with-bang",
        ),
        pytest.param(
            builder.P(html.HtmlComment("> <b>")),
            "The comment '> <b>' in 'p' cannot be written: '>' would end it.",
            id="comment-that-ends-at-once",
        ),
        pytest.param(
            builder.P(html.HtmlComment("-> <b>")),
            "The comment '-> <b>' in 'p' cannot be written: '->' would end it.",
            id="comment-that-ends-after-a-dash",
        ),
        pytest.param(
            builder.P(etree.PI("a", "b><c>")),
            "The processing instruction 'a b><c>' in 'p' cannot be written",
            id="instruction",
        ),
        pytest.param(
            builder.SCRIPT("a</SCRIPT ><b>"),
            "The text 'a</SCRIPT ><b>' in 'script' cannot be written",
            id="script",
        ),
        pytest.param(
            builder.DIV(builder.STYLE("a</style><b>")),
            "The text 'a</style><b>' in 'style' cannot be written",
            id="style",
        ),
        pytest.param(
            change(html.Element("SCRIPT"), text="</script>"),
            "The text '</script>' in 'SCRIPT' cannot be written",
            id="upper-case",
        ),
        pytest.param(
            set_attribute(builder.P(), "a><b"),
            "The attribute name 'a><b' in 'p' cannot be written: '>' would end it.",
            id="attribute",
        ),
    ],
)
def test_html_in_which_text_would_be_markup_is_refused(tree, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        write(tree)


def test_lxml_html_is_not_imported():
    code = (
        "import sys\n"
        "from lxml import etree\n"
        "from flask_responsekit.libraries.lxml import write_tree\n"
        "assert write_tree(etree.Element('a'))[0].endswith('<a/>')\n"
        "assert 'lxml.html' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# Laws


def allow(change, node, **attributes):
    """Leave out what lxml refuses by itself."""
    try:
        return change(node, **attributes)
    except ValueError:
        assume(False)


def normalize(text):
    return text.replace("\r\n", "\n").replace("\r", "\n")


TEXTS = st.text(
    st.one_of(st.sampled_from("-!?><ab/ \r\n]'\"&;="), st.characters()), max_size=12
)


@given(TEXTS, TEXTS)
def test_text_and_attributes_arrive(text, value):
    tree = allow(change, build(), text=text)
    allow(lambda element, value: element.set("b", value), tree, value=value)
    root = ET.fromstring(write(tree)[0])
    assert (root.text or "", root.attrib) == (text, {"b": value})


@given(TEXTS)
def test_comment_arrives_or_is_refused(text):
    tree = build(allow(change, etree.Comment(""), text=text), etree.Element("b"))
    try:
        body, _ = write(tree)
    except ValueError:
        assert "--" in f"{text}-"
    else:
        comment, element = etree.fromstring(body)
        assert (comment.text, element.tag) == (normalize(text), "b")


@given(TEXTS)
def test_instruction_arrives_or_is_refused(text):
    tree = build(allow(change, etree.PI("b"), text=text), etree.Element("b"))
    try:
        body, _ = write(tree)
    except ValueError:
        assert "?>" in text
    else:
        instruction, element = etree.fromstring(body)
        arrived = (instruction.text or "").lstrip("\n\t ")
        assert arrived == normalize(text).lstrip("\n\t ")
        assert element.tag == "b"


@given(TEXTS)
def test_html_comment_arrives_or_is_refused(text):
    comment = allow(change, html.HtmlComment(""), text=text)
    try:
        body, _ = write(builder.DIV(comment, builder.P("b")))
    except ValueError:
        assert ">" in text
    else:
        comment, element = html.fragment_fromstring(body.decode())
        assert (normalize(comment.text), element.text) == (normalize(text), "b")
