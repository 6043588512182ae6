"""The table of other libraries, with modules that stand for them.

What the real ones become is tested in tests/ecosystem.
"""

from __future__ import annotations

import datetime
import subprocess
import sys
import types

import pytest
from flask import Flask

from flask_responsekit import ConverterRegistry
from flask_responsekit import CSVRenderer
from flask_responsekit import ResponseKit
from flask_responsekit.converters import PLAIN
from flask_responsekit.libraries.registrations import find_csv_writer
from flask_responsekit.libraries.registrations import is_representation
from flask_responsekit.libraries.registrations import list_registrations
from flask_responsekit.libraries.registrations import open_series

JSON = "application/json"
CSV = "text/csv"
PARQUET = "application/vnd.apache.parquet"


class Dtype:
    """That of integers in polars."""

    def is_integer(self):
        return True

    def is_float(self):
        return False

    is_nested = is_float


class Series:
    """As much of that of polars as is asked for."""

    dtype = Dtype()
    name = "n"

    def __init__(self, *values):
        self.values = [*values]
        self.shape = (len(values),)

    def to_list(self):
        return self.values

    def to_frame(self, name):
        return DataFrame(**{name: self.values})


class DataFrame:
    """As much of that of polars as is asked for."""

    def __init__(self, **columns):
        self.columns = [*columns]
        self.series = [Series(*values) for values in columns.values()]
        self.height = max(map(len, columns.values()))
        self.shape = (self.height, len(columns))
        self.dtypes = [one.dtype for one in self.series]

    def get_columns(self):
        return self.series

    def write_csv(self, file, **options):
        file.write(b"written by the frame")

    def write_parquet(self, file):
        file.write(b"PAR1")


class Figure:
    """That of matplotlib."""

    def savefig(self, file, *, format, **options):
        file.write(f"<{format}>".encode())


class Row:
    """That of SQLAlchemy."""

    _fields = ("id", "name")

    def __iter__(self):
        return iter([1, "Ada"])

    def __len__(self):
        return 2


class Result:
    """That of SQLAlchemy, which is an iterator."""

    def __iter__(self):
        return self

    def __next__(self):
        return Row()


class NaTType(datetime.datetime):
    """That of pandas."""


MODULES = {
    "polars": {"DataFrame": DataFrame, "Series": Series},
    "matplotlib": {},
    "matplotlib.figure": {"Figure": Figure},
    "sqlalchemy": {},
    "sqlalchemy.engine": {"Row": Row, "Result": Result},
    "pandas": {},
    "pandas._libs": {"NaTType": NaTType},
}
NAT = NaTType(2024, 1, 2)


def make_frame():
    return DataFrame(id=[1, 2], n=[3, None])


RECORDS = [{"id": 1, "n": 3}, {"id": 2, "n": None}]


@pytest.fixture(autouse=True)
def libraries(monkeypatch):
    """Modules, and a table of which no row has found its type yet."""
    for root in ("PIL", "pyarrow"):
        monkeypatch.delitem(sys.modules, root, raising=False)
    for name, members in MODULES.items():
        module = types.ModuleType(name)
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, name, module)
    built_in = ConverterRegistry()
    for key, converter in PLAIN.items():
        built_in.add(key, converter, plain=True)
    for registration in list_registrations():
        built_in.enter(registration)
    monkeypatch.setattr("flask_responsekit.extension.BUILT_IN", built_in)


def make_app(make, *, renderers=None, produces=None, **config):
    app = Flask("example", static_folder=None)
    app.testing = True
    for key, value in config.items():
        app.config[f"RESPONSEKIT_{key.upper()}"] = value
    app.kit = ResponseKit(app, renderers=renderers)
    app.views = []

    def view():
        app.views.append("called")
        return make()

    if produces is not None:
        view = app.kit.view(produces=produces)(view)
    app.add_url_rule("/", "view", view)
    return app


def send(app, accept=None, path="/"):
    headers = {} if accept is None else {"Accept": accept}
    return app.test_client().get(path, headers=headers)


# Frames


def test_series_is_opened_as_a_frame_of_one_column():
    assert open_series(Series(1, 2)).columns == ["n"]
    for value in (make_frame(), [1, 2], None):
        assert open_series(value) is value


@pytest.mark.parametrize(
    ("accept", "content_type", "body"),
    [
        pytest.param(None, JSON, b'[{"id":1,"n":3},{"id":2,"n":null}]\n', id="none"),
        pytest.param("image/png", JSON, None, id="other"),
        pytest.param(CSV, f"{CSV}; charset=utf-8", b"written by the frame", id="csv"),
        pytest.param(PARQUET, PARQUET, b"PAR1", id="parquet"),
        pytest.param("text/html", "text/html; charset=utf-8", None, id="html"),
        pytest.param(f"{PARQUET}, {CSV}", f"{CSV}; charset=utf-8", None, id="order"),
    ],
)
def test_frame_is_sent_as_the_client_likes(accept, content_type, body):
    response = send(make_app(make_frame), accept)
    assert response.content_type == content_type
    assert response.headers.getlist("Vary") == ["Accept"]
    assert body is None or response.data == body


def test_page_has_the_rows():
    text = send(make_app(make_frame), "text/html").text
    assert "<tr><th>id</th><th>n</th></tr>" in text
    assert "<tr><td>1</td><td>3</td></tr>\n<tr><td>2</td><td></td></tr>" in text


def test_series_is_a_list_and_a_column():
    app = make_app(lambda: Series(1, 2))
    assert send(app).json == [1, 2]
    assert send(app, CSV).data == b"written by the frame"
    assert "<th>value</th>" in send(app, "text/html").text


@pytest.mark.parametrize("name", ["csv", "parquet", "html", "json"])
def test_format_parameter_names_a_representation(name):
    app = make_app(make_frame, format_parameter="format")
    assert send(app, None, f"/?format={name}").status_code == 200


@pytest.mark.parametrize(
    ("name", "views"), [("png", ["called"]), ("jpeg", []), ("nonsense", [])]
)
def test_name_that_no_library_has_that_is_loaded_is_refused_before_the_view(
    name, views
):
    app = make_app(make_frame, format_parameter="format")
    assert send(app, None, f"/?format={name}").status_code == 406
    assert app.views == views


def test_view_may_declare_representations():
    app = make_app(make_frame, produces=[PARQUET, CSV])
    assert send(app).content_type == PARQUET
    assert send(app, CSV).mimetype == CSV
    assert send(app, JSON).status_code == 406


def test_content_type_beside_a_frame_names_its_representation():
    app = make_app(lambda: (make_frame(), {"Content-Type": CSV}))
    response = send(app, JSON)
    assert (response.content_type, response.data) == (CSV, b"written by the frame")


def test_rows_are_written_one_by_one_where_columns_are_chosen():
    app = make_app(make_frame, renderers=["json", CSVRenderer(columns=["n"])])
    assert send(app, CSV).data == b'n\r\n3\r\n""\r\n'


def test_own_converter_takes_the_place_of_all():
    app = make_app(make_frame)
    app.kit.add_converter("polars.DataFrame", lambda frame: {"rows": frame.height})
    response = send(app, CSV)
    assert response.json == {"rows": 2}
    assert "Vary" not in response.headers


def test_own_converter_for_one_media_type_stands_beside_the_others():
    app = make_app(make_frame)
    app.kit.add_converter("polars.DataFrame", lambda frame: "own", mimetype=CSV)
    assert send(app, CSV).text == "own"
    assert send(app, PARQUET).data == b"PAR1"
    assert send(app).json == RECORDS


def test_frame_is_data_inside_data():
    assert send(make_app(lambda: {"a": [make_frame()]})).json == {"a": [RECORDS]}


# Others


@pytest.mark.parametrize(
    ("accept", "content_type", "body"),
    [
        pytest.param(None, "image/png", b"<png>", id="none"),
        pytest.param("application/pdf", "application/pdf", b"<pdf>", id="pdf"),
        pytest.param(
            "image/svg+xml", "image/svg+xml; charset=utf-8", b"<svg>", id="svg"
        ),
    ],
)
def test_picture_is_sent_as_the_client_likes(accept, content_type, body):
    response = send(make_app(Figure), accept)
    assert (response.content_type, response.data) == (content_type, body)


def test_picture_inside_data_is_an_error_that_says_what_to_do():
    with pytest.raises(TypeError, match="^Figure objects are sent.* a converter"):
        send(make_app(lambda: [Figure()]))


def test_row_is_a_dict():
    assert send(make_app(Row)).json == {"id": 1, "name": "Ada"}
    assert send(make_app(lambda: [Row()])).json == [{"id": 1, "name": "Ada"}]


def test_result_is_an_error_that_says_what_to_do():
    for make in (Result, lambda: [Result()]):
        with pytest.raises(TypeError, match="^A Result gives.*kit.stream"):
            send(make_app(make))


def test_what_stands_for_a_missing_value_is_null():
    assert send(make_app(lambda: {"a": NAT})).json == {"a": None}


# The table


@pytest.mark.parametrize(
    ("cls", "has_writer"),
    [
        *((DataFrame, True), (Series, True), (dict, False), (Figure, False)),
        (type("Sub", (DataFrame,), {}), True),
    ],
)
def test_frames_have_a_writer_of_their_own(cls, has_writer):
    assert (find_csv_writer(cls) is not None) is has_writer


def test_names_are_those_of_libraries_that_are_loaded(monkeypatch):
    assert is_representation("parquet")
    for library in ("polars", "pandas"):
        monkeypatch.delitem(sys.modules, library)
    assert not is_representation("parquet")
    assert is_representation("svg")


def test_nothing_is_imported_to_list_the_table():
    code = (
        "import sys\n"
        "from flask_responsekit.libraries.registrations import list_registrations\n"
        "assert [*list_registrations()]\n"
        "names = {name for name in sys.modules if name.startswith('flask_resp')}\n"
        "print(*sorted(names))"
    )
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    names = {name.rpartition("libraries.")[2] for name in result.stdout.split()}
    assert names.isdisjoint({"pandas", "polars", "pyarrow", "pillow", "numpy", "lxml"})
