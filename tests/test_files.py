from __future__ import annotations

import gzip
import io
import json
import os
import sys
import tempfile

import pytest
from flask import Flask
from werkzeug.test import Client

from flask_responsekit import ResponseKit
from flask_responsekit.files import FileBody

HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
CSV = "text/csv; charset=utf-8"
JSON = "application/json"
UNKNOWN = "application/octet-stream"
NOSNIFF = "X-Content-Type-Options"

PAGE = b"<h1>Hi</h1>"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
LATIN_1 = '<?xml version="1.0" encoding="iso-8859-1"?><a>\xe9</a>'.encode("latin-1")
#: More than what sniffing looks at from the beginning.
LONG_JSON = json.dumps({"a": ["b" * 70] * 70}).encode()


class Report:
    """What a converter takes, which gives its file."""

    def __init__(self, file):
        self.file = file


class Named(io.BytesIO):
    def __init__(self, content, name):
        super().__init__(content)
        self.name = name


class Failing(io.BytesIO):
    """A file that fails when one of its methods is called for the nth time."""

    def __init__(self, content, method, nth):
        super().__init__(content)
        self.calls = [method] * nth

    def count(self, method):
        if method in self.calls:
            self.calls.remove(method)
            if not self.calls:
                raise OSError("secret")

    def read(self, size=-1):
        self.count("read")
        return super().read(size)

    def tell(self):
        self.count("tell")
        return super().tell()


class Trickling(io.RawIOBase):
    """A seekable source that reads less than it is asked for."""

    def __init__(self, content):
        self.content = io.BytesIO(content)
        self.seek, self.tell = self.content.seek, self.content.tell

    def readable(self):
        return True

    seekable = readable

    def readinto(self, buffer):
        return self.content.readinto(memoryview(buffer)[:100])


@pytest.fixture
def make(tmp_path):
    """Write a file and open it."""
    files = []

    def make(content, mode="rb", name="file", **options):
        path = tmp_path / name
        path.write_bytes(content)
        files.append(open(path, mode, **options))
        return files[-1]

    yield make
    for file in files:
        file.close()


@pytest.fixture
def send():
    """Answer a request with a file, or something with one in it."""
    opened = []

    def send(value, *, after_request=None, method="GET", buffered=True, **config):
        app = Flask("example")
        app.config.update({"TESTING": True, **config})
        kit = ResponseKit(app)
        kit.add_converter(Report, lambda report: report.file)
        app.add_url_rule("/", view_func=lambda: value, endpoint="view")
        if after_request is not None:
            app.after_request(after_request)
        opened.append(value)
        return Client(app).open("/", method=method, buffered=buffered)

    yield send
    for value in opened:
        getattr(value, "close", bool)()


def spool(content, *args, **options):
    file = tempfile.SpooledTemporaryFile(*args, **options)
    file.write(content)
    file.seek(0)
    return file


def temporary(content, *args, **options):
    file = tempfile.NamedTemporaryFile(*args, **options)
    file.write(content)
    file.seek(0)
    return file


# What is sent

SPOOLED = pytest.mark.skipif(
    sys.version_info < (3, 11), reason="it is no file object before Python 3.11"
)


@pytest.mark.parametrize(
    ("open_file", "body", "length"),
    [
        pytest.param(lambda make: make(b"abc"), b"abc", 3, id="binary"),
        pytest.param(lambda make: make(b""), b"", 0, id="empty"),
        pytest.param(lambda make: make(b"abc", "r+b"), b"abc", 3, id="update"),
        pytest.param(lambda make: make(b"abc", buffering=0), b"abc", 3, id="raw"),
        pytest.param(
            lambda make: make(b"\xe9", "r", encoding="latin-1"),
            b"\xc3\xa9",
            None,
            id="text",
        ),
        pytest.param(lambda make: io.BytesIO(b"abc"), b"abc", 3, id="BytesIO"),
        pytest.param(
            lambda make: io.StringIO("\xe9"), b"\xc3\xa9", None, id="StringIO"
        ),
        pytest.param(lambda make: temporary(b"abc"), b"abc", 3, id="temporary"),
        pytest.param(
            lambda make: temporary("\xe9", "w+", encoding="latin-1"),
            b"\xc3\xa9",
            None,
            id="temporary-text",
        ),
        pytest.param(
            lambda make: spool(b"abc"), b"abc", 3, id="spooled", marks=SPOOLED
        ),
        pytest.param(
            lambda make: spool("\xe9", mode="w+", encoding="latin-1"),
            b"\xc3\xa9",
            None,
            id="spooled-text",
            marks=SPOOLED,
        ),
        pytest.param(
            lambda make: gzip.open(make(gzip.compress(PAGE))), PAGE, 11, id="gzip"
        ),
    ],
)
def test_file_is_sent_and_closed(make, send, open_file, body, length):
    file = open_file(make)
    response = send(file)
    assert (response.status_code, response.data) == (200, body)
    assert response.content_length == length
    assert file.closed


@pytest.mark.parametrize(
    ("position", "body"),
    [
        pytest.param(2, b"cde", id="middle"),
        pytest.param(5, b"", id="end"),
        pytest.param(9, b"", id="beyond"),
    ],
)
@pytest.mark.parametrize("options", [{}, {"buffering": 0}], ids=["buffered", "raw"])
def test_file_is_sent_from_where_it_stands(make, send, position, body, options):
    file = make(b"abcde", **options)
    file.seek(position)
    response = send(file)
    assert (response.data, response.content_length) == (body, len(body))


@pytest.mark.parametrize("mode", ["r", "rb"])
def test_file_whose_first_line_was_read_sends_the_others(make, send, mode):
    file = make(b"first\nsecond\nthird\n", mode)
    assert next(file).strip()
    assert send(file).data == b"second\nthird\n"


def test_pipe_is_streamed_as_it_comes(send):
    reading, writing = os.pipe()
    with open(writing, "wb") as file:
        file.write(b"[1, 2]")
    response = send(open(reading, "rb"))
    assert response.data == b"[1, 2]"
    assert response.headers["Content-Type"] == HTML
    assert "Content-Length" not in response.headers


def test_body_can_be_read_after_the_request(make, send):
    file = make(LONG_JSON)
    seen = []

    def after_request(response):
        seen.append(response.get_data())
        return response

    assert send(file, after_request=after_request).data == LONG_JSON
    assert seen == [LONG_JSON]
    assert file.closed


# Its type


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        pytest.param("a.pdf", b"x", "application/pdf", id="pdf"),
        pytest.param("a.csv", b"[1]", CSV, id="csv"),
        pytest.param("a.html", b"[1]", HTML, id="html"),
        pytest.param("a.PNG", b"x", "image/png", id="upper-case"),
        pytest.param("a.tar.gz", gzip.compress(b""), "application/gzip", id="tar-gz"),
        pytest.param("a.html.gz", PAGE, HTML, id="unpacked"),
        pytest.param("a.csv.xyzzy", PNG, "image/png", id="unknown"),
        pytest.param("a", b"\1\2\3\0", UNKNOWN, id="no-extension"),
        pytest.param("a", b"a,b", HTML, id="text"),
        pytest.param("a.xml", LATIN_1, "application/xml", id="xml-with-charset"),
        pytest.param("a.svg", LATIN_1, "image/svg+xml", id="svg-with-charset"),
    ],
)
@pytest.mark.parametrize("open_file", [None, Named], ids=["file", "object"])
def test_file_is_typed_by_name_then_by_content(
    make, send, open_file, name, content, content_type
):
    file = Named(content, name) if open_file else make(content, name=name)
    response = send(file)
    assert response.headers["Content-Type"] == content_type
    assert response.data == content


@pytest.mark.parametrize("name", [7, None, b"a.csv"], ids=repr)
def test_name_that_is_no_path_says_nothing(send, name):
    assert send(Named(PNG, name)).headers["Content-Type"] == "image/png"


def test_temporary_file_with_a_name_is_typed_by_it(send):
    assert send(temporary(b"a", suffix=".csv")).headers["Content-Type"] == CSV


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        pytest.param(LONG_JSON, JSON, id="matching-tail"),
        pytest.param(LONG_JSON + b" x", HTML, id="other-tail"),
        pytest.param(LONG_JSON[:1450].ljust(1450) + b"}", JSON, id="little-more"),
    ],
)
@pytest.mark.parametrize("offset", [b"", b"junk"], ids=["start", "offset"])
@pytest.mark.parametrize("cls", [io.BytesIO, Trickling])
def test_window_holds_beginning_and_end_of_what_is_left(
    send, content, content_type, offset, cls
):
    file = cls(offset + content)
    file.seek(len(offset))
    response = send(file)
    assert response.headers["Content-Type"] == content_type
    assert response.data == content


@pytest.mark.parametrize(
    ("file", "setting", "content_type"),
    [
        pytest.param(io.BytesIO(PNG), False, HTML, id="off"),
        pytest.param(Named(PNG, "a.csv"), False, CSV, id="off-named"),
        pytest.param(io.BytesIO(b"a"), "strict", TEXT, id="strict"),
        pytest.param(io.StringIO("[1]"), True, JSON, id="text"),
        pytest.param(io.BytesIO(b"a" * 1444 + b"\xc3\xa9"), "strict", TEXT, id="cut"),
        pytest.param(io.BytesIO(b"caf\xe9"), "strict", "text/plain", id="latin-1"),
    ],
)
def test_configuration_says_how_a_file_is_sniffed(send, file, setting, content_type):
    response = send(file, RESPONSEKIT_SNIFF=setting)
    assert response.headers["Content-Type"] == content_type
    assert (NOSNIFF in response.headers) is (content_type != HTML)


def test_explicit_type_of_view_wins(send):
    response = send((Named(PNG, "a.csv"), 202, {"Content-Type": "a/b"}))
    assert (response.status_code, response.data) == (202, PNG)
    assert response.headers.getlist("Content-Type") == ["a/b"]
    assert NOSNIFF not in response.headers


@pytest.mark.parametrize(
    ("file", "content_type"),
    [
        pytest.param(Named(b"a", "a.csv"), CSV, id="named"),
        pytest.param(io.BytesIO(PNG), "image/png", id="sniffed"),
        pytest.param(io.BytesIO(PAGE), TEXT, id="html"),
        pytest.param(io.StringIO(PAGE.decode()), TEXT, id="html-text"),
    ],
)
def test_file_of_a_converter_is_html_only_by_name(send, file, content_type):
    content = file.getvalue()
    response = send(Report(file))
    assert response.headers["Content-Type"] == content_type
    assert response.data == (content if type(content) is bytes else content.encode())
    assert file.closed


# Its end


def test_head_sends_headers_only_and_closes_the_file(make, send):
    file = make(LONG_JSON)
    response = send(file, method="HEAD")
    assert (response.data, response.content_length) == (b"", len(LONG_JSON))
    assert response.headers["Content-Type"] == JSON
    assert file.closed


def test_file_is_closed_when_the_client_leaves(make, send):
    file = make(bytes(200_000))
    response = send(file, buffered=False)
    assert len(next(response.iter_encoded())) < 200_000
    assert not file.closed
    response.close()
    assert file.closed


def test_file_that_fails_on_the_way_is_closed(send):
    file = Failing(bytes(200_000), "read", 4)
    with pytest.raises(OSError, match="secret"):
        send(file)
    assert file.closed


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(Failing(b"[1]", "tell", 1), id="length"),
        pytest.param(Failing(b"[1]", "read", 1), id="sniffing"),
    ],
)
def test_file_that_fails_before_is_closed_and_a_500(send, file):
    response = send(file, TESTING=False)
    assert response.status_code == 500
    assert b"secret" not in response.data
    assert file.closed


@pytest.mark.parametrize(
    "headers", [{"X-A": "1\n2"}, [("X-A",)]], ids=["line-feed", "no-pair"]
)
def test_file_beside_bad_headers_is_closed(make, send, headers):
    file = make(b"abc")
    assert send((file, headers), TESTING=False).status_code == 500
    assert file.closed


@pytest.mark.parametrize(
    ("close_it", "mode", "message"),
    [
        pytest.param(True, "rb", "is closed.*Return it open", id="closed"),
        pytest.param(True, "r", "is closed.*Return it open", id="closed-text"),
        pytest.param(False, "wb", "not open for reading", id="write-only"),
        pytest.param(False, "a", "not open for reading", id="append-only"),
    ],
)
def test_file_that_cannot_be_read_is_a_clear_error(make, send, close_it, mode, message):
    file = make(b"abc", mode)
    if close_it:
        file.close()
    with pytest.raises(ValueError, match=message) as caught:
        send(file)
    assert "file" in str(caught.value)
    assert send(file, TESTING=False).status_code == 500
    assert file.closed


@pytest.mark.parametrize("wrap", [lambda file: {"f": file}, lambda file: [[file]]])
def test_file_inside_data_is_a_clear_error(make, send, wrap):
    with pytest.raises(TypeError, match="(BytesIO|BufferedReader).*inside other data"):
        send(wrap(make(b"abc")))


def test_file_body_tells_length_without_moving():
    file = io.BytesIO(b"abcde")
    file.seek(1)
    body = FileBody(file)
    assert (body.length, file.tell()) == (4, 1)
    assert b"".join(body) == b"bcde"
    body.close()
    assert file.closed
