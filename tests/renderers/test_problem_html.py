from __future__ import annotations

import html.parser

import lxml.html
import pytest
from flask import Flask
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from flask_responsekit import Problem
from flask_responsekit import ResponseKit
from flask_responsekit.renderers.problem_html import ProblemHTMLRenderer

HTML = "text/html; charset=utf-8"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
SAID = ("type", "title", "status", "detail")
START = {"type": "about:blank", "title": "Not Found", "status": 404}


class Page(html.parser.HTMLParser):
    """The tags with their attributes, and the text of each element."""

    def __init__(self, body):
        super().__init__()
        self.tags, self.texts, self.open, self.others = [], [], [], []
        self.feed(body.decode())
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, attributes))
        if tag == "br":
            self.handle_data("\n")
        else:
            self.texts.append([tag, ""])
            self.open.append(self.texts[-1])

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        if self.open:
            self.open[-1][1] += data

    def note(self, *args):
        self.others.append(args)

    handle_comment = handle_decl = handle_pi = unknown_decl = note

    def get(self, *tags):
        return [text for tag, text in self.texts if tag in tags]


def render(document):
    return ProblemHTMLRenderer().render(document)


def make_app(view):
    app = Flask("example", static_folder=None)
    app.kit = ResponseKit(app)
    app.add_url_rule("/", "view", view)
    return app


def get(app):
    return app.test_client().get("/", headers={"Accept": BROWSER})


def test_page_is_as_that_of_other_http_errors():
    document = {**START, "title": "Out of stock", "status": 409, "detail": "No chairs."}
    assert render(document).decode() == (
        "<!doctype html>\n"
        "<html lang=en>\n"
        "<title>409 Out of stock</title>\n"
        "<h1>Out of stock</h1>\n"
        "<p>No chairs.</p>\n"
    )


@pytest.mark.parametrize(
    ("members", "rows"),
    [
        pytest.param({"left": 0}, [("left", "0")], id="number"),
        pytest.param({"who": None}, [("who", "")], id="None"),
        pytest.param({"type": "/a?b&c"}, [("type", "/a?b&c")], id="type"),
        pytest.param({"instance": "/5"}, [("instance", "/5")], id="instance"),
        pytest.param({"a": "about:blank"}, [("a", "about:blank")], id="other-blank"),
        pytest.param({"größe 💥": "名前"}, [("größe 💥", "名前")], id="unicode"),
        pytest.param({"a": 1, "": "b"}, [("a", "1"), ("", "b")], id="in-order"),
    ],
)
def test_other_members_are_listed(members, rows):
    page = lxml.html.document_fromstring(render({**START, **members}).decode())
    names = [element.text or "" for element in page.findall("body/dl/dt")]
    values = [element.text or "" for element in page.findall("body/dl/dd")]
    assert list(zip(names, values, strict=True)) == rows


def test_what_is_said_already_is_not_listed():
    page = Page(render({**START, "detail": "No."}))
    assert (page.get("p"), page.get("dt")) == (["No."], [])


def test_lists_stand_one_in_the_other():
    errors = [{"pointer": "#/age", "detail": ["low", "odd"]}, 5, {}, []]
    page = lxml.html.document_fromstring(render({**START, "errors": errors}).decode())
    first, second, third, fourth = page.findall("body/dl/dd/ul/li")
    assert [element.text for element in first.findall("dl/dt")] == ["pointer", "detail"]
    assert first.find("dl/dd").text == "#/age"
    assert [element.text for element in first.findall("dl/dd/ul/li")] == ["low", "odd"]
    assert second.text == "5"
    assert [one.tag for one in (*third, *fourth)] == ["dl", "ul"]
    assert third.text_content().strip() == fourth.text_content().strip() == ""


def test_line_feeds_are_lines():
    page = Page(render({**START, "detail": "a\nb\n", "hint": "c\n\nd"}))
    assert (page.get("p"), page.get("dd")) == (["a\nb\n"], ["c\n\nd"])
    assert [tag for tag, _ in page.tags].count("br") == 4


# In an app.

HOSTILE = [
    *("<script>alert(1)</script>", "</title><script>", "</h1></p></dl>", "<!-- a -->"),
    *("<![CDATA[a]]>", "]]>", "<?a?>", '" onload="a', "' onload='a", "&lt;b&gt;&#60;"),
    *("javascript:alert(1)", "\0", "\x1f", "\u2028", "größe 💥", "{{ 7 * 7 }}"),
]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_nothing_that_is_said_is_markup(text):
    problem = Problem(409, title=text, detail=text, a=text, **{text: [text, {text: 1}]})
    response = get(make_app(lambda: problem))
    assert (response.status_code, response.content_type) == (409, HTML)
    page = Page(response.data)
    assert [tag for tag, _ in page.tags] == (
        ["html", "title", "h1", "p", "dl"]
        + ["dt", "dd", "dt", "dd", "ul", "li", "li", "dl", "dt", "dd"]
    )
    assert [attributes for _, attributes in page.tags if attributes] == [
        [("lang", "en")]
    ]
    assert page.others == [("doctype html",)]
    assert (page.get("title"), page.get("h1", "p")) == ([f"409 {text}"], [text, text])
    assert page.get("dt") == ["a", text, text]


def test_markup_is_text_as_any_other():
    markup = Markup("<b>bold</b>")
    said = {"title": markup, "detail": markup, "a": markup, "b": [markup]}
    page = Page(get(make_app(lambda: Problem(409, **said))).data)
    assert page.get("h1", "p", "li") == [markup] * 3
    assert page.get("dd")[0] == markup


def test_page_is_sent_with_all_its_headers():
    class OutOfStock(Problem):
        code = 409
        type = "https://example.com/out-of-stock"
        title = "Out of <stock>"

    problem = OutOfStock(headers=[("Set-Cookie", "a=b"), ("Set-Cookie", "c=d")])
    response = get(make_app(lambda: problem))
    assert (response.status_code, response.content_type) == (409, HTML)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Vary"] == "Accept"
    assert response.headers.getlist("Set-Cookie") == ["a=b", "c=d"]
    page = Page(response.data)
    assert page.get("title", "h1") == ["409 Out of <stock>", "Out of <stock>"]
    assert page.get("dd") == ["https://example.com/out-of-stock"]


def test_long_text_is_shown():
    text = "<script>" * 131_072
    page = Page(get(make_app(lambda: Problem(400, detail=text, a=[text]))).data)
    assert page.get("p", "li") == [text, text]


# Laws.

_TEXTS = st.lists(
    st.sampled_from([*HOSTILE, "\n", "\ud800", "\uffff", "<", ">", "&", '"', "'"])
    | st.text(st.characters(), max_size=5),
    max_size=4,
).map("".join)
_DATA = st.recursive(
    st.none() | st.integers() | _TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3)
    ),
    max_leaves=8,
)


def list_texts(value):
    """All that stands in a value, in order."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from list_texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from list_texts(item)
    elif value is not None:
        yield str(value)


def clean(text):
    return text.encode(errors="replace").decode()


@given(_TEXTS, _TEXTS, st.dictionaries(_TEXTS, _DATA, max_size=3))
@example("a", "\r\n", {"</dd>": {"<": []}})
def test_any_document_is_shown_and_never_markup(title, detail, extensions):
    document = {**extensions, **START, "title": title, "detail": detail}
    page = Page(render(document))
    assert page.get("title", "h1") == [clean(f"404 {title}"), clean(title)]
    assert page.get("p") == [clean(detail)]
    others = {name: item for name, item in document.items() if name not in SAID}
    shown = [text.strip("\n") for text in page.get("dt", "dd", "li")]
    expected = [clean(text).strip("\n") for text in list_texts(others)]
    assert list(filter(None, shown)) == list(filter(None, expected))
    tags = {tag for tag, _ in page.tags}
    assert tags <= {"html", "title", "h1", "p", "dl", "dt", "dd", "ul", "li", "br"}
    assert page.others == [("doctype html",)]
