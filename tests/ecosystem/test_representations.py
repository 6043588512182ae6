"""What values of other libraries are sent as, and what has a say in it."""

from __future__ import annotations

import csv
import datetime
import decimal
import io
import json
import uuid
import xml.etree.ElementTree as ET

import matplotlib.figure
import numpy as np
import pandas as pd
import PIL.Image
import polars as pl
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet
import pytest
from flask import Blueprint
from flask import Flask
from lxml import etree
from lxml import html

from flask_responsekit import CSVRenderer
from flask_responsekit import ResponseKit

NAN = float("nan")
INFINITY = float("inf")
DAY = datetime.datetime(2024, 1, 2)
ID = uuid.UUID(int=1)

JSON = "application/json"
CSV = "text/csv"
CSV_UTF_8 = "text/csv; charset=utf-8"
HTML = "text/html"
HTML_UTF_8 = "text/html; charset=utf-8"
PARQUET = "application/vnd.apache.parquet"
ARROW = "application/vnd.apache.arrow.stream"

PIL.Image.init()
WORDS = [
    word for word in ("png", "jpeg", "webp", "avif") if word.upper() in PIL.Image.SAVE
]

COLUMNS = {"id": [1, -2], "name": ["é", None], "x": [1.5, NAN]}
RECORDS = [{"id": 1, "name": "é", "x": 1.5}, {"id": -2, "name": None, "x": None}]
RIGHT = "{ text-align: right }"


def make_batch():
    (batch,) = pa.table(COLUMNS).to_batches()
    return batch


FRAMES = {
    "pandas": lambda: pd.DataFrame(COLUMNS),
    "polars": lambda: pl.DataFrame(COLUMNS),
    "table": lambda: pa.table(COLUMNS),
    "batch": make_batch,
}
SERIES = {
    "pandas": lambda: pd.Series([1.5, NAN], name="x"),
    "polars": lambda: pl.Series("x", [1.5, NAN]),
}
#: The public name of each type.
NAMES = {
    "pandas": "pandas.DataFrame",
    "polars": "polars.DataFrame",
    "table": "pyarrow.Table",
    "batch": "pyarrow.RecordBatch",
}
WITH_FRAMES = pytest.mark.parametrize("name", FRAMES)
PROVIDERS = pytest.mark.parametrize("provider", [None, "msgspec"])


def make_image():
    image = PIL.Image.new("RGB", (2, 3), "red")
    image.putpixel((0, 0), (0, 0, 255))
    return image


def make_figure():
    figure = matplotlib.figure.Figure(figsize=(1, 1), dpi=50)
    figure.add_subplot().plot([1, 2])
    return figure


def make_app(make=None, *, json=None, renderers=None, produces=None, **config):
    app = Flask("example", static_folder=None)
    app.testing = True
    for key, value in config.items():
        app.config[f"RESPONSEKIT_{key.upper()}"] = value
    app.kit = ResponseKit(app, json=json, renderers=renderers)
    app.json.sort_keys = False
    app.views = []

    def view():
        app.views.append("called")
        return make()

    if produces is not None:
        view = app.kit.view(produces=produces)(view)
    app.add_url_rule("/", "view", view)
    return app


def send(app, accept=None, path="/", **options):
    headers = {} if accept is None else {"Accept": accept}
    return app.test_client().open(path, headers=headers, **options)


def read_csv(text):
    return [*csv.reader(io.StringIO(text, newline=""))]


def read_cells(text):
    """Read a page with a table, the header first."""
    rows = html.document_fromstring(text).findall(".//tr")
    return [[cell.text or "" for cell in row] for row in rows]


# Frames: Accept, and what comes


def has_records(frame):
    """Whether a frame of pandas has what was sent."""
    return json.loads(frame.to_json(orient="records")) == RECORDS


def read_parquet(data):
    return pa.parquet.read_table(io.BytesIO(data)).to_pandas()


def read_arrow(data):
    return pa.ipc.open_stream(data).read_all().to_pandas()


FORMATS = [
    pytest.param(CSV, CSV_UTF_8, lambda data: pd.read_csv(io.BytesIO(data)), id="csv"),
    pytest.param(PARQUET, PARQUET, read_parquet, id="parquet"),
]


@pytest.mark.parametrize(("accept", "content_type", "read"), FORMATS)
@WITH_FRAMES
def test_frame_is_sent_as_the_client_likes(name, accept, content_type, read):
    response = send(make_app(FRAMES[name]), accept)
    assert response.status_code == 200
    assert response.content_type == content_type
    assert has_records(read(response.data))


@pytest.mark.parametrize("name", ["table", "batch"])
def test_table_is_sent_as_a_stream_of_arrow(name):
    response = send(make_app(FRAMES[name]), ARROW)
    assert response.content_type == ARROW
    assert has_records(read_arrow(response.data))


@WITH_FRAMES
def test_library_reads_what_it_is_sent_as(name):
    if name == "polars":
        (frame,) = (pl.read_csv(io.BytesIO(send(make_app(FRAMES[name]), CSV).data)),)
        assert frame.to_dicts() == RECORDS
        data = send(make_app(FRAMES[name]), PARQUET).data
        assert pl.read_parquet(io.BytesIO(data)).equals(FRAMES[name]())
    else:
        frame = pd.read_parquet(io.BytesIO(send(make_app(FRAMES[name]), PARQUET).data))
        assert has_records(frame)


@WITH_FRAMES
def test_frame_is_sent_as_a_page(name):
    response = send(make_app(FRAMES[name]), "text/html,application/xhtml+xml,*/*;q=0.8")
    assert response.content_type == HTML_UTF_8
    cells = [["id", "name", "x"], ["1", "é", "1.5"], ["-2", "", ""]]
    assert read_cells(response.text) == cells
    assert f"td:nth-child(1), td:nth-child(3) {RIGHT}" in response.text


@WITH_FRAMES
@pytest.mark.parametrize("accept", [None, "*/*", JSON, "image/png", "text/csv;q=0"])
def test_frame_is_sent_as_json_to_anybody_else(name, accept):
    response = send(make_app(FRAMES[name]), accept)
    assert response.mimetype == JSON
    assert response.json == RECORDS


@pytest.mark.parametrize("name", SERIES)
def test_series_is_sent_as_a_column(name):
    app = make_app(SERIES[name])
    assert send(app, JSON).json == [1.5, None]
    assert read_csv(send(app, CSV).text) == [["x"], ["1.5"], [""]]
    assert read_parquet(send(app, PARQUET).data)["x"].dropna().tolist() == [1.5]
    assert read_cells(send(app, HTML).text) == [["value"], ["1.5"], [""]]


@pytest.mark.parametrize(
    ("make", "text"),
    [
        pytest.param(
            lambda: pd.Series([datetime.timedelta(1)], name="x"), "P1D", id="pandas"
        ),
        pytest.param(
            lambda: pl.Series("x", [datetime.timedelta(1)]), "P1D", id="polars"
        ),
    ],
)
def test_series_has_a_header_whatever_it_holds(make, text):
    assert read_csv(send(make_app(make), CSV).text) == [["x"], [text]]


ACCEPTS = {
    "pandas": [JSON, CSV, PARQUET, HTML],
    "polars": [JSON, CSV, PARQUET, HTML],
    "table": [JSON, CSV, PARQUET, ARROW, HTML],
    "batch": [JSON, CSV, PARQUET, ARROW, HTML],
}


@WITH_FRAMES
def test_server_order_decides_between_equals(name):
    app = make_app(FRAMES[name], format_parameter="format")
    for number, first in enumerate(ACCEPTS[name]):
        accept = ", ".join(reversed(ACCEPTS[name][number:]))
        assert send(app, accept).mimetype == first


@WITH_FRAMES
def test_each_representation_varies_and_is_not_sniffed(name):
    app = make_app(FRAMES[name], etag=True)
    tags = set()
    for accept in ACCEPTS[name]:
        response = send(app, accept)
        assert response.mimetype == accept
        assert response.headers.getlist("Vary") == ["Accept"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        tags.add(response.headers["ETag"])
        again = app.test_client().get(
            "/",
            headers={"Accept": accept, "If-None-Match": response.headers["ETag"]},
        )
        assert again.status_code == 304
        assert again.headers.getlist("Vary") == ["Accept"]
        head = send(app, accept, method="HEAD")
        assert head.data == b""
        for header in ("Content-Type", "Content-Length", "ETag", "Vary"):
            assert head.headers[header] == response.headers[header]
    assert len(tags) == len(ACCEPTS[name])


@WITH_FRAMES
def test_scalars_and_arrays_have_no_representations(name):
    for make in (lambda: np.arange(2), lambda: pa.array([1]), lambda: pd.Index([1])):
        response = send(make_app(make), CSV)
        assert response.mimetype == JSON
        assert "Vary" not in response.headers


# The format parameter

BY_NAME = [
    *(
        pytest.param(FRAMES[name], word, mimetype, id=f"{name}-{word}")
        for name in FRAMES
        for word, mimetype in (
            *(("json", JSON), ("csv", CSV), ("parquet", PARQUET), ("html", HTML)),
            *([("arrow", ARROW)] if name in ("table", "batch") else []),
        )
    ),
    *(
        pytest.param(make_image, word, f"image/{word}", id=f"image-{word}")
        for word in WORDS
    ),
    pytest.param(make_figure, "png", "image/png", id="figure-png"),
    pytest.param(make_figure, "svg", "image/svg+xml", id="figure-svg"),
    pytest.param(make_figure, "pdf", "application/pdf", id="figure-pdf"),
]


@pytest.mark.parametrize(("make", "word", "mimetype"), BY_NAME)
def test_format_parameter_names_a_representation(make, word, mimetype):
    app = make_app(make, format_parameter="format")
    response = send(app, "application/xml", f"/?format={word}")
    assert response.status_code == 200
    assert response.mimetype == mimetype
    assert "Vary" not in response.headers


@pytest.mark.parametrize("word", ["xml", "png", "arrow", "nonsense"])
def test_format_that_a_frame_does_not_have_is_refused(word):
    app = make_app(FRAMES["pandas"], format_parameter="format")
    response = send(app, None, f"/?format={word}")
    assert response.status_code == 406
    assert app.views == ([] if word in ("xml", "nonsense") else ["called"])


@pytest.mark.parametrize("word", ["json", "gif", "svg"])
def test_format_that_an_image_does_not_have_is_refused(word):
    app = make_app(make_image, format_parameter="format")
    assert send(app, None, f"/?format={word}").status_code == 406


def test_refusal_lists_what_there_is():
    app = make_app(FRAMES["table"], format_parameter="format", problems="always")
    detail = send(app, None, "/?format=png").json["detail"]
    assert ", ".join([JSON, CSV, PARQUET, ARROW, HTML]) in detail
    assert "json, csv, parquet, arrow, html" in detail


# What a view declares


@pytest.mark.parametrize(
    ("make", "produces", "accept", "content_type"),
    [
        pytest.param(FRAMES["pandas"], [CSV], None, CSV_UTF_8, id="csv"),
        pytest.param(FRAMES["polars"], [PARQUET, CSV], "*/*", PARQUET, id="parquet"),
        pytest.param(FRAMES["table"], [JSON, ARROW], ARROW, ARROW, id="arrow"),
        pytest.param(FRAMES["pandas"], ["csv", HTML], HTML, HTML_UTF_8, id="page"),
        pytest.param(
            FRAMES["polars"],
            [CSV, "application/xml"],
            "application/xml",
            "application/xml; charset=utf-8",
            id="xml",
        ),
        pytest.param(make_image, ["image/webp"], None, "image/webp", id="image"),
        pytest.param(
            make_figure,
            ["image/png", "image/svg+xml"],
            "image/svg+xml",
            "image/svg+xml; charset=utf-8",
            id="figure",
        ),
    ],
)
def test_view_may_declare_what_it_sends(make, produces, accept, content_type):
    response = send(make_app(make, produces=produces), accept)
    assert response.status_code == 200
    assert response.content_type == content_type


@pytest.mark.parametrize(
    ("make", "produces"),
    [
        pytest.param(FRAMES["pandas"], [CSV, PARQUET], id="frame"),
        pytest.param(make_image, ["image/png", "image/webp"], id="image"),
    ],
)
def test_request_for_something_else_is_refused_before_the_view(make, produces):
    app = make_app(make, produces=produces)
    response = send(app, JSON)
    assert response.status_code == 406
    assert response.headers.getlist("Vary") == ["Accept"]
    assert app.views == []


def test_declaring_what_a_frame_is_not_is_an_error():
    app = make_app(FRAMES["pandas"], produces=["image/png"])
    with pytest.raises(TypeError, match="nothing writes a DataFrame"):
        send(app)


@pytest.mark.parametrize(
    ("make", "named", "content_type"),
    [
        pytest.param(FRAMES["pandas"], CSV, CSV, id="pandas"),
        pytest.param(FRAMES["polars"], CSV_UTF_8, CSV_UTF_8, id="polars"),
        pytest.param(FRAMES["table"], ARROW, ARROW, id="arrow"),
        pytest.param(make_image, "image/webp", "image/webp", id="image"),
        pytest.param(make_figure, "application/pdf", "application/pdf", id="figure"),
    ],
)
def test_content_type_named_beside_a_value_holds(make, named, content_type):
    app = make_app(lambda: (make(), 201, {"Content-Type": named, "X-A": "b"}))
    response = send(app, JSON)
    assert response.status_code == 201
    assert response.content_type == content_type
    assert response.headers["X-A"] == "b"
    assert "Vary" not in response.headers
    assert response.data[:1] not in (b"[", b"{")


def test_status_beside_a_value_holds():
    app = make_app(lambda: (FRAMES["pandas"](), 202))
    for accept in ACCEPTS["pandas"]:
        response = send(app, accept)
        assert (response.status_code, response.mimetype) == (202, accept)


# CSV


@WITH_FRAMES
@pytest.mark.parametrize(
    ("mode", "cells"),
    [
        pytest.param("escape", [["'=a"], ["'=1+1"]], id="escape"),
        pytest.param("raw", [["=a"], ["=1+1"]], id="raw"),
    ],
)
def test_formulas_are_escaped_or_left(name, mode, cells):
    make = {"batch": lambda columns: pa.table(columns).to_batches()[0]}.get(name)
    make = make or type(FRAMES[name]())
    make = pa.table if name == "table" else make
    app = make_app(lambda: make({"=a": ["=1+1"]}), csv_formulas=mode)
    assert read_csv(send(app, CSV).text) == cells


@pytest.mark.parametrize("columns", [{"a": ["=1+1"]}, {"=a": ["1"]}])
@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_formulas_are_refused(make, columns):
    app = make_app(lambda: make(columns), csv_formulas="reject")
    with pytest.raises(ValueError, match="would be computed by a spreadsheet"):
        send(app, CSV)
    assert send(app, JSON).status_code == 200


@WITH_FRAMES
def test_columns_can_be_chosen(name):
    renderers = ["json", CSVRenderer(columns=["x", "id"])]
    app = make_app(FRAMES[name], renderers=renderers)
    cells = [["x", "id"], ["1.5", "1"], ["", "-2"]]
    assert read_csv(send(app, CSV).text) == cells


@WITH_FRAMES
def test_enabled_renderers_come_first(name):
    app = make_app(FRAMES[name], renderers=["xml", "csv", "json"])
    assert send(app).mimetype == "application/xml"
    assert send(app, f"{JSON}, {CSV}").mimetype == CSV
    assert send(app, PARQUET).mimetype == PARQUET
    assert len(ET.fromstring(send(app).data)) == 2


# Converters of the app


@PROVIDERS
@WITH_FRAMES
def test_own_converter_takes_the_place_of_all(name, provider):
    app = make_app(FRAMES[name], json=provider, format_parameter="format")
    app.kit.add_converter(NAMES[name], lambda frame: {"own": len(frame)})
    for accept in (None, CSV, PARQUET, HTML):
        response = send(app, accept)
        assert response.mimetype == JSON
        assert response.json == {"own": 2}
        assert "Vary" not in response.headers
    assert send(app, path="/?format=csv").status_code == 406


@WITH_FRAMES
def test_own_converter_holds_inside_data_too(name):
    app = make_app(lambda: {"a": [FRAMES[name]()]})
    app.kit.add_converter(NAMES[name], lambda frame: {"own": len(frame)})
    assert send(app).json == {"a": [{"own": 2}]}


@WITH_FRAMES
@pytest.mark.parametrize("mimetype", [CSV, HTML, "text/x-own"])
def test_own_converter_for_one_media_type_stands_beside_the_others(name, mimetype):
    app = make_app(FRAMES[name])
    app.kit.add_converter(NAMES[name], lambda frame: "own", mimetype=mimetype)
    response = send(app, mimetype)
    assert (response.mimetype, response.text) == (mimetype, "own")
    for accept in ACCEPTS[name]:
        if accept != mimetype:
            assert send(app, accept).mimetype == accept
    assert send(app).json == RECORDS


def test_own_converter_for_an_image_takes_its_place_inside_data():
    app = make_app(lambda: [make_image()])
    app.kit.add_converter("PIL.Image.Image", lambda image: list(image.size))
    assert send(app).json == [[2, 3]]


def test_converter_holds_in_its_scope():
    app = make_app(FRAMES["pandas"])
    blueprint = Blueprint("inner", "inner", url_prefix="/inner")
    scope = app.kit.scope(blueprint)
    scope.add_converter("pandas.DataFrame", lambda frame: {"inner": len(frame)})
    blueprint.add_url_rule("/", "view", FRAMES["pandas"])
    app.register_blueprint(blueprint)
    assert send(app, CSV, "/inner/").json == {"inner": 2}
    assert send(app, CSV).mimetype == CSV


# Converters for what stands in a frame

SECRETS = [
    pytest.param(DAY, datetime.datetime, id="datetime"),
    pytest.param(decimal.Decimal("1.20"), decimal.Decimal, id="decimal"),
    pytest.param(ID, uuid.UUID, id="uuid"),
    pytest.param(DAY.date(), datetime.date, id="date"),
    pytest.param(DAY.time(), datetime.time, id="time"),
]


def list_makers(value):
    yield lambda: pd.DataFrame({"a": pd.Series([value, None], dtype=object)})
    if isinstance(value, datetime.datetime):
        yield lambda: pd.DataFrame({"a": [value, pd.NaT]})
    if not isinstance(value, uuid.UUID):
        yield lambda: pl.DataFrame({"a": [value, None]})
        yield lambda: pa.table({"a": [value, None]})


@PROVIDERS
@pytest.mark.parametrize(("value", "cls"), SECRETS)
def test_converter_of_what_stands_in_a_frame_holds_in_each_format(value, cls, provider):
    for make in list_makers(value):
        app = make_app(make, json=provider)
        app.kit.add_converter(cls, lambda value: "own")
        assert send(app, JSON).json == [{"a": "own"}, {"a": None}]
        assert read_csv(send(app, CSV).text) == [["a"], ["own"], [""]]
        assert read_cells(send(app, HTML).text) == [["a"], ["own"], [""]]


class User:
    def __init__(self):
        self.name = "Ada"
        self.password = "secret"


@PROVIDERS
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: pd.DataFrame({"a": [User(), [User()]]}), id="pandas"),
        pytest.param(
            lambda: pl.DataFrame({"a": pl.Series([User(), [User()]], dtype=pl.Object)}),
            id="polars",
        ),
    ],
)
def test_field_that_a_converter_leaves_out_does_not_show(make, provider):
    app = make_app(make, json=provider)
    app.kit.add_converter(User, lambda user: {"name": user.name})
    for accept in (JSON, CSV, HTML, "application/xml", "text/plain"):
        text = send(app, accept).text
        assert "Ada" in text
        assert "secret" not in text


@PROVIDERS
def test_object_that_nothing_is_known_of_is_an_error(provider):
    app = make_app(lambda: pd.DataFrame({"a": [User()]}), json=provider)
    for accept in (JSON, CSV, HTML):
        with pytest.raises(TypeError, match="User") as caught:
            send(app, accept)
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_what_the_app_says_of_dates_holds_in_json_and_html(make):
    app = make_app(lambda: make({"a": [DAY]}))
    default = app.json.default

    def spell(value):
        is_date = isinstance(value, datetime.datetime)
        return f"{value:%Y}" if is_date else default(value)

    app.json.default = spell
    assert send(app, JSON).json == [{"a": "2024"}]
    assert read_cells(send(app, HTML).text) == [["a"], ["2024"]]


@PROVIDERS
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(
            lambda: pd.DataFrame(
                {
                    "a": [NAN, INFINITY],
                    "b": pd.Series([pd.NaT, None], dtype=object),
                    "c": pd.Series([pd.NA, NAN], dtype=object),
                    "d": pd.to_datetime([pd.NaT, None]),
                    "e": pd.Series([pd.NA, None], dtype="Int64"),
                }
            ),
            id="pandas",
        ),
        pytest.param(
            lambda: pl.DataFrame(
                {"a": [NAN, -INFINITY], "b": [None, None], "c": [NAN, None]}
            ).with_columns(d="b", e="b"),
            id="polars",
        ),
        pytest.param(
            lambda: pa.table(
                {
                    "a": [NAN, INFINITY],
                    "b": pa.nulls(2),
                    "c": pa.nulls(2, pa.timestamp("ns")),
                    "d": pa.nulls(2, pa.string()),
                    "e": [NAN, None],
                }
            ),
            id="pyarrow",
        ),
    ],
)
def test_what_is_missing_is_null_in_each_format(make, provider):
    app = make_app(make, json=provider, renderers=["json", "yaml", "ndjson", "xml"])
    record = dict.fromkeys("abcde")
    assert send(app, JSON).json == [record] * 2
    assert read_csv(send(app, CSV).text) == [[*"abcde"], [""] * 5, [""] * 5]
    assert read_cells(send(app, HTML).text) == [[*"abcde"], [""] * 5, [""] * 5]
    lines = send(app, "application/x-ndjson").text.splitlines()
    assert [*map(json.loads, lines)] == [record] * 2
    assert send(app, "application/yaml").text.count(": null") == 10
    assert send(app, "application/xml").text.count('nil="true"') == 10


# Pictures


@pytest.mark.parametrize(
    ("accept", "mimetype", "format"),
    [
        pytest.param(None, "image/png", "PNG", id="none"),
        pytest.param("*/*", "image/png", "PNG", id="any"),
        pytest.param("image/jpeg", "image/jpeg", "JPEG", id="jpeg"),
        pytest.param("image/webp,image/*;q=0.8", "image/webp", "WEBP", id="webp"),
        pytest.param("text/html", "image/png", "PNG", id="other"),
    ],
)
def test_image_is_sent_as_the_client_likes(accept, mimetype, format):
    response = send(make_app(make_image), accept)
    assert response.content_type == mimetype
    assert response.headers.getlist("Vary") == ["Accept"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    picture = PIL.Image.open(io.BytesIO(response.data))
    assert (picture.format, picture.size) == (format, (2, 3))


@pytest.mark.parametrize(
    ("accept", "content_type", "start"),
    [
        pytest.param(None, "image/png", b"\x89PNG", id="none"),
        pytest.param("image/png", "image/png", b"\x89PNG", id="png"),
        pytest.param(
            "image/svg+xml", "image/svg+xml; charset=utf-8", b"<?xml", id="svg"
        ),
        pytest.param("application/pdf", "application/pdf", b"%PDF-", id="pdf"),
    ],
)
def test_figure_is_sent_as_the_client_likes(accept, content_type, start):
    response = send(make_app(make_figure), accept)
    assert response.content_type == content_type
    assert response.headers.getlist("Vary") == ["Accept"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.data.startswith(start)


@pytest.mark.parametrize(
    ("make", "mimetypes"),
    [
        pytest.param(make_image, ["image/png", "image/jpeg", "image/webp"], id="image"),
        pytest.param(
            make_figure, ["image/png", "image/svg+xml", "application/pdf"], id="figure"
        ),
    ],
)
def test_each_picture_has_a_tag_of_its_own(make, mimetypes):
    app = make_app(make, etag=True)
    tags = {send(app, mimetype).headers["ETag"] for mimetype in mimetypes}
    assert len(tags) == len(mimetypes)
    for mimetype in mimetypes:
        response = send(app, mimetype, method="HEAD")
        assert response.data == b""
        assert response.mimetype == mimetype
        assert response.headers["ETag"] in tags


def test_image_that_cannot_be_written_is_an_error_in_any_case():
    app = make_app(lambda: (PIL.Image.new("RGB", (0, 0)), 201))
    with pytest.raises(ValueError, match="cannot be written as PNG"):
        send(app)


# Documents


def test_tree_is_read_again_and_no_choice():
    response = send(make_app(lambda: etree.fromstring("<a>é</a>")), JSON)
    assert response.content_type == "application/xml; charset=utf-8"
    assert etree.fromstring(response.data).text == "é"
    assert "Vary" not in response.headers


def test_page_is_read_again_and_no_choice():
    page = html.document_fromstring("<p>é<br>")
    response = send(make_app(lambda: page), JSON)
    assert response.content_type == HTML_UTF_8
    assert html.fromstring(response.data.decode()).find(".//p").text == "é"
    assert "Vary" not in response.headers


def test_tree_stands_beside_what_the_app_adds():
    app = make_app(lambda: etree.fromstring("<a>é</a>"))
    app.kit.add_converter(
        "lxml.etree._Element", lambda element: {"text": element.text}, mimetype=JSON
    )
    assert send(app, JSON).json == {"text": "é"}
    assert send(app, "application/xml").mimetype == "application/xml"
