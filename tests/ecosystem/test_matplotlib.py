from __future__ import annotations

import io
import re
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET

import matplotlib
import matplotlib.pyplot as plt
import pytest
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from PIL import Image

from flask_responsekit.libraries.matplotlib import list_representations
from flask_responsekit.libraries.matplotlib import write_pdf
from flask_responsekit.libraries.matplotlib import write_png
from flask_responsekit.libraries.matplotlib import write_svg

STARTS = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/svg+xml": b'<?xml version="1.0" encoding="utf-8"',
    "application/pdf": b"%PDF-",
}
WRITERS = [
    pytest.param(write_png, id="png"),
    pytest.param(write_svg, id="svg"),
    pytest.param(write_pdf, id="pdf"),
]
XLINK = "{http://www.w3.org/1999/xlink}href"


@pytest.fixture(autouse=True)
def without_windows():
    plt.switch_backend("agg")
    yield
    plt.close("all")


def draw(figure=None, title="é $x^2$", **options):
    """Draw something of each kind that gets an id in SVG."""
    figure = Figure(**options) if figure is None else figure
    axes = figure.subplots()
    axes.set_title(title)
    axes.plot([1, 3, 2], "o-", label="line", gid="m-mine")
    axes.fill_between([0, 1], [1, 2], hatch="/")
    axes.scatter([1, 2, 3] * 3, [3, 2, 1] * 3, s=[3, 9, 20] * 3)
    axes.imshow([[1, 2], [3, 4]])
    axes.legend()
    return figure


def list_ids(svg):
    root = ET.fromstring(svg)
    return [element.get("id") for element in root.iter() if element.get("id")]


def test_representations_are_of_their_media_types():
    representations = list_representations()
    assert [mimetype for mimetype, _ in representations] == [*STARTS]
    for mimetype, write in representations:
        assert write(draw()).startswith(STARTS[mimetype])


def test_png_has_the_size_of_the_figure():
    body = write_png(Figure(figsize=(3, 2), dpi=50))
    assert Image.open(io.BytesIO(body)).size == (150, 100)


@pytest.mark.parametrize("write", WRITERS)
def test_equal_figures_give_equal_bytes(write):
    assert write(draw()) == write(draw())


@pytest.mark.parametrize("write", WRITERS)
def test_different_figures_give_different_bytes(write):
    assert write(draw(title="a")) != write(draw(title="b"))


@pytest.mark.parametrize("name", ["write_png", "write_svg", "write_pdf"])
def test_equal_figures_give_equal_bytes_in_all_processes(name):
    # Without pyplot, which chooses a backend for the whole process.
    code = (
        "import hashlib, sys\n"
        "from matplotlib.figure import Figure\n"
        f"from flask_responsekit.libraries.matplotlib import {name}\n"
        "figure = Figure()\n"
        "figure.subplots().plot([1, 3, 2], 'o-', label='line')\n"
        f"print(hashlib.sha256({name}(figure)).hexdigest())\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code], check=True, stdout=subprocess.PIPE
        ).stdout
        for _ in range(2)
    }
    assert len(digests) == 1


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: draw(figsize=(2, 1), dpi=70), id="figure"),
        pytest.param(lambda: draw(plt.figure(dpi=70)), id="pyplot"),
        pytest.param(
            lambda: FigureCanvasSVG(draw(facecolor="red")).figure, id="canvas-of-svg"
        ),
        pytest.param(lambda: FigureCanvasPdf(draw()).figure, id="canvas-of-pdf"),
    ],
)
def test_writing_leaves_the_figure_as_it_was(write, make):
    figure = make()
    before = look_at(figure)
    body = write(figure)
    assert look_at(figure) == before
    assert write(figure) == body


def look_at(figure):
    return (
        figure.dpi,
        figure.canvas,
        tuple(figure.get_size_inches()),
        figure.get_facecolor(),
        figure.get_edgecolor(),
        figure.number if plt.fignum_exists(getattr(figure, "number", -1)) else None,
    )


@pytest.mark.parametrize("write", WRITERS)
def test_writing_leaves_no_settings_behind(write):
    figure = draw(plt.figure())
    settings, numbers = dict(matplotlib.rcParams), plt.get_fignums()
    write(figure)
    assert dict(matplotlib.rcParams) == settings
    assert (plt.get_fignums(), plt.get_backend().lower()) == (numbers, "agg")


def test_settings_of_the_app_hold():
    with matplotlib.rc_context({"savefig.dpi": 20, "svg.fonttype": "none"}):
        body, svg = write_png(Figure(figsize=(3, 2))), write_svg(draw(title="as text"))
    assert Image.open(io.BytesIO(body)).size == (60, 40)
    assert b">as text<" in svg


def test_no_file_holds_a_date():
    assert b"dc:date" not in write_svg(draw())
    assert b"Date" not in write_pdf(draw())
    assert not {"Creation Time", "date"} & {
        *Image.open(io.BytesIO(write_png(draw()))).info
    }


# Ids


def test_all_references_have_an_id():
    svg = write_svg(draw())
    ids = list_ids(svg)
    used = {*re.findall(r"url\(#([^)]*)\)", svg.decode())}
    for element in ET.fromstring(svg).iter():
        target = element.get(XLINK) or element.get("href") or ""
        used |= {target[1:]} if target.startswith("#") else set()
    assert len(ids) == len({*ids})
    assert used <= {*ids}
    assert len([id for id in used if id.startswith("id")]) > 3


def test_ids_made_for_one_document_are_not_in_another():
    # Otherwise a page that holds both would clip one with the path of the other.
    first, second = (list_ids(write_svg(draw(title=title))) for title in "ab")
    made = {id for id in first if re.fullmatch(r"id[0-9a-f]{10}-\d+", id)}
    assert len(made) > 3
    assert made.isdisjoint(second)


def test_ids_of_the_user_stay():
    assert "m-mine" in list_ids(write_svg(draw()))


def test_text_that_looks_like_an_id_stays():
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        svg = write_svg(draw(title='(#p0123456789) "m0123456789"'))
    assert b"(#p0123456789)" in svg
    assert b"m0123456789" in svg


@pytest.mark.parametrize("salt", ["salt", None])
def test_document_says_the_same_as_one_saved_by_matplotlib(salt):
    buffer = io.BytesIO()
    figure = draw()
    with matplotlib.rc_context({"svg.hashsalt": salt}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    saved, written = buffer.getvalue(), write_svg(figure)
    made = (
        rb"(?<=[\"#])(?:id[0-9a-f]{10}-\d+|(?:\w*_|image|[hmp])[0-9a-f]{10})(?=[\")])"
    )
    assert re.sub(made, b"id", written) == re.sub(made, b"id", saved)


# Threads


def run_in_threads(function, count=8):
    results = []
    threads = [
        threading.Thread(target=lambda n=n: results.append((n, function(n))))
        for n in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return dict(results)


@pytest.mark.parametrize("write", WRITERS)
def test_threads_may_share_a_figure(write):
    figure = draw()
    with matplotlib.rc_context({"savefig.dpi": 40}):
        body = write(figure)
        assert run_in_threads(lambda _: write(figure)) == dict.fromkeys(range(8), body)
    assert figure.dpi == Figure().dpi


def test_threads_write_formats_side_by_side():
    writers = [write for _, write in list_representations()]
    bodies = run_in_threads(lambda n: writers[n % 3](draw()))
    assert len(bodies) == 8
    assert {*bodies.values()} == {write(draw()) for write in writers}


def test_error_while_drawing_leaves_the_figure_and_the_lock():
    figure = draw(title=r"$\wrong$", dpi=70)
    canvas = figure.canvas
    with matplotlib.rc_context({"savefig.dpi": 40}):
        with pytest.raises(ValueError, match="wrong"):
            write_png(figure)
    assert (figure.dpi, figure.canvas) == (70, canvas)
    assert run_in_threads(lambda _: write_png(Figure()), 1) == {0: write_png(Figure())}
