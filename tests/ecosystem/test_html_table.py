from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from flask_responsekit.libraries.html_table import TABLE_PAGE

NAN = float("nan")
HOSTILE = """<script>alert('1') & "2"</script>"""
ESCAPED = "&lt;script&gt;alert(&#39;1&#39;) &amp; &#34;2&#34;&lt;/script&gt;"
RIGHT = "{ text-align: right }"


def write(value):
    return TABLE_PAGE.render(value).decode()


def read(value):
    """Read the cells of a page as a browser would, the header first."""
    rows = html.document_fromstring(write(value)).findall(".//tr")
    return [[cell.text or "" for cell in row] for row in rows]


def test_page_is_a_document_in_utf_8():
    page = write([{"n": 1, "text": "ä"}, {"n": None, "text": None}])
    assert page.startswith("<!doctype html>\n<meta charset=utf-8>\n<title>")
    assert "<thead>\n<tr><th>n</th><th>text</th></tr>\n</thead>\n" in page
    rows = "<tr><td>1</td><td>ä</td></tr>\n<tr><td></td><td></td></tr>\n"
    assert page.endswith(f"<tbody>\n{rows}</tbody>\n</table>\n")


@pytest.mark.parametrize(
    ("value", "cells"),
    [
        pytest.param(
            [{"a": 1}, {"b": 2}], [["a", "b"], ["1", ""], ["", "2"]], id="dicts"
        ),
        pytest.param([1, None, "a"], [["value"], ["1"], [""], ["a"]], id="scalars"),
        pytest.param([[1, "a"]], [["value"], ['[1, "a"]']], id="lists"),
        pytest.param([{"a": 1}, 2], [["value"], ['{"a": 1}'], ["2"]], id="mixed"),
        pytest.param({"a": 1}, [["a"], ["1"]], id="dict"),
        pytest.param("a", [["value"], ["a"]], id="text"),
        pytest.param([{}, {}], [[], [], []], id="no-columns"),
        pytest.param([], [[]], id="no-rows"),
    ],
)
def test_rows_are_those_of_a_list(value, cells):
    assert read(value) == cells


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(None, "", id="none"),
        pytest.param(True, "true", id="bool"),
        pytest.param(-1, "-1", id="int"),
        pytest.param(1e300, "1e+300", id="float"),
        pytest.param(" a\nb ", " a\nb ", id="text"),
        pytest.param([1, None, {"ä": False}], '[1, null, {"ä": false}]', id="data"),
    ],
)
def test_cell_is_text_and_data_is_json(value, text):
    assert read([{"x": value}]) == [["x"], [text]]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(HOSTILE, id="text"),
        pytest.param([HOSTILE], id="list"),
        pytest.param({HOSTILE: {"a": [HOSTILE]}}, id="dict"),
    ],
)
def test_hostile_text_is_escaped(value):
    page = write([{HOSTILE: value}])
    assert "<script" not in page
    assert f"<th>{ESCAPED}</th>" in page
    assert page.count("&lt;script&gt;") >= 2


def test_columns_of_numbers_are_aligned_by_one_rule():
    rows = [{"n": 1, "t": "a", "x": 1.5, "b": True}, {"n": None, "t": "b", "x": 2}]
    assert f"td:nth-child(1), td:nth-child(3) {RIGHT}" in write(rows)
    assert RIGHT not in write([{"text": "1"}])


@pytest.mark.parametrize("value", [NAN, [NAN]], ids=["cell", "inside"])
def test_number_that_json_does_not_have_is_refused(value):
    with pytest.raises(ValueError, match="nan|NaN|range"):
        write([{"x": value}])


def test_text_that_utf_8_does_not_have_is_refused():
    with pytest.raises(UnicodeEncodeError):
        write(["\ud800"])


TEXTS = st.text(st.characters(blacklist_categories=["Cc", "Cs", "Cn", "Co"]))


@given(st.lists(st.tuples(TEXTS, TEXTS | st.integers())))
def test_page_has_all_texts(cells):
    rows = [{"a": first, "<b>": second} for first, second in cells]
    header = [["a", "<b>"]] if rows else [[]]
    assert read(rows) == header + [[*map(str, row.values())] for row in rows]
