from __future__ import annotations

import pytest

from flask_responsekit.renderers.text import TextRenderer


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param("a\r\né\0", "a\r\né\0", id="text"),
        pytest.param("", "", id="empty-text"),
        pytest.param(None, "", id="None"),
        pytest.param(True, "true", id="bool"),
        pytest.param(1e22, "1e+22", id="float"),
        pytest.param([], "[]", id="empty-list"),
        pytest.param(
            ["é", {"a": None}], '[\n  "é",\n  {\n    "a": null\n  }\n]', id="data"
        ),
        pytest.param("a\ud800b", "a\\ud800b", id="lone-surrogate"),
        pytest.param(["\udfff"], '[\n  "\\udfff"\n]', id="lone-surrogate-inside"),
    ],
)
def test_data_is_written_for_people(value, text):
    assert TextRenderer().render(value).decode() == text


@pytest.mark.parametrize("value", [float("nan"), [float("inf")]], ids=repr)
def test_number_that_json_does_not_have_is_refused(value):
    with pytest.raises(ValueError, match="cannot be written as JSON"):
        TextRenderer().render(value)


def test_all_types_can_be_text():
    assert TextRenderer().can_render(object)
