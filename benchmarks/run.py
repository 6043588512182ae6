"""Compare the speed of Flask with the kit to that of Flask without it.

See README.md beside this file for how it is measured, and how to read the figures.
"""

from __future__ import annotations

import argparse
import collections.abc as cabc
import functools
import importlib.metadata
import importlib.util
import itertools
import json
import math
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import typing as t

import choosing
from apps import CHROME
from apps import make_contenders
from apps import make_negotiating
from apps import NEGOTIATED
from apps import RENDERERS
from apps import Row
from apps import ROWS
from choosing import Chooser
from choosing import CHOOSERS
from payloads import Aim
from payloads import Case
from payloads import CASES
from payloads import FRAMES
from payloads import list_lacks
from payloads import WAYS
from streams import KINDS
from streams import measure_first_chunk
from streams import measure_long
from streams import measure_short
from streams import MIMETYPES
from streams import SHORT
from timing import compare
from timing import Comparison
from timing import measure
from timing import Spread

from flask_responsekit import sniff

_DISTRIBUTIONS = ("flask", "werkzeug", "flask-responsekit")
#: What four renderers are to add to a request at most, in microseconds.
_NEGOTIATION_AIM = 5.0
#: How many times as long as the kit the idiom is to take for a flat row, at least.
_STREAM_AIMS = {
    "msgspec": {"ndjson": 10.0, "json": 10.0, "csv": 4.0},
    "without": {"ndjson": 2.0, "json": 2.0, "csv": 2.0},
}
#: How many milliseconds the first row of a stream is to take at most, to be sent.
_FIRST_CHUNK_AIM = 50.0
#: What a frame as CSV is to take at most, in units of what its own method takes.
_FRAME_AIM = 1.10
#: How many megabytes a stream is to grow by at most.
_GROWTH_AIM = 4.0
_BODIES: dict[str, str | bytes] = {
    "HTML str, 1 kB": "<!doctype html>" + "<p>Hello</p>" * 82,
    "HTML str, 10 MB": "<!doctype html>" + "<p>Hello</p>" * 830_000,
    "plain str": "Hello",
    "JSON str": '{"id": 1, "name": "Ada"}',
    "PNG bytes": b"\x89PNG\r\n\x1a\n" + bytes(1000),
    "text bytes": b"Hello " * 200,
}


def main() -> None:
    rows = {row.name: row for row in ROWS}
    tables = {
        "negotiation": run_negotiation,
        "choosing": run_choosing,
        "sniff": run_sniff,
        "import": run_import,
        "streams": run_streams,
        "memory": run_memory,
        "types": run_types,
    }
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="take about three minutes")
    parser.add_argument(
        "--only",
        choices=[*rows, *tables],
        metavar="NAME",
        help=f"run one of: {', '.join([*rows, *tables])}",
    )
    options = parser.parse_args()
    versions = [f"{name} {importlib.metadata.version(name)}" for name in _DISTRIBUTIONS]
    print(f"Python {platform.python_version()}", *versions, sep=", ")
    print(f"{os.cpu_count()} CPUs, load average {os.getloadavg()[0]:.1f}")
    scale = 0.06 if options.quick else 1.0
    if options.only not in tables:
        run_requests(scale, [rows[options.only]] if options.only else ROWS)
    for name, run in tables.items():
        if options.only in (None, name):
            run(scale)


def run_requests(scale: float, rows: cabc.Iterable[Row]) -> None:
    print(
        "\nRequests: time in units of bare Flask's, median and quartiles\n"
        f"{'view':12}{'bare us':>8}{'aim':>6}   {'kit':21}{'aim met':12}"
        f"{'5,000 converters':21}   noise"
    )
    for row in rows:
        make = functools.partial(make_contenders, row)
        comparison = compare(make, 10 * scale)
        kit, many, noise = map(comparison.get_ratio, (1, 2, 3))
        bare = 1e6 * comparison.get_seconds(0)
        aim = "" if row.aim is None else f"{row.aim:.2f}"
        print(
            f"{row.name:12}{bare:8.1f}{aim:>6}   {show(kit):21}"
            f"{judge(kit, row.aim):12}{show(many):21}   {show(noise)}",
            flush=True,
        )


def run_negotiation(scale: float) -> None:
    print(
        "\nNegotiation: microseconds that are added to a request, median and quartiles"
        f"\none: json; four: {', '.join(RENDERERS)}, and Chrome's Accept"
        f"\n{'view':12}{'bare us':>8}{'converters':>12}   {'one, to bare':22}"
        f"{'four, to one':22}{'aim':>4}   {'aim met':12}noise"
    )
    for row in NEGOTIATED:
        try:
            comparison = compare(functools.partial(make_negotiating, row), 20 * scale)
        except ModuleNotFoundError as error:
            print(f"{row.name:12}{error}")
            continue
        bare = 1e6 * comparison.get_seconds(0)
        noise = comparison.get_difference(5, 1)
        for converters, one in (("0", 1), ("5,000", 3)):
            added = comparison.get_difference(one + 1, one)
            print(
                f"{row.name:12}{bare:8.1f}{converters:>12}"
                f"   {show(comparison.get_difference(one), 2):22}{show(added, 2):22}"
                f"{_NEGOTIATION_AIM:4.1f}   {judge(added, _NEGOTIATION_AIM):12}"
                f"{show(noise, 2)}",
                flush=True,
            )


def run_choosing(scale: float) -> None:
    print(
        "\nChoosing by Accept: microseconds, median and quartiles"
        f"\nof: {', '.join(choosing.OFFERS)}"
        f"\n{'who':22}{'new header':25}{'header seen before':25}answer"
    )
    present = [chooser for chooser in CHOOSERS if find_lack(chooser) is None]

    def make() -> list[cabc.Callable[[], object]]:
        return [one for each in present for one in choosing.make_contenders(each)]

    comparison = compare(make, 15 * scale)
    for chooser in CHOOSERS[1:]:
        lack = find_lack(chooser)
        if lack is None:
            # What is done besides is taken off, with a new header and with the same.
            new = 2 * present.index(chooser)
            cold = comparison.get_difference(new, 0)
            warm = comparison.get_difference(new + 1, 1)
            lack = f"{show(cold, 2):25}{show(warm, 2):25}{chooser.make()(CHROME)}"
        print(f"{chooser.name:22}{lack}", flush=True)


def find_lack(chooser: Chooser) -> str | None:
    """Say what to do to have a chooser take part, if anything."""
    try:
        chooser.make()
    except ModuleNotFoundError:
        return f"not installed: pip install '{chooser.distribution}'"
    return None


def show(spread: Spread, digits: int = 3) -> str:
    figures = (spread.median, spread.lower, spread.upper)
    return "{} ({}-{})".format(*(f"{figure:.{digits}f}" for figure in figures))


def judge(spread: Spread, aim: float | None, *, is_least: bool = False) -> str:
    """Say whether an aim is met, unless noise could turn the answer round.

    :param is_least: whether more than the aim is better.
    """
    if aim is None:
        return ""
    if abs(spread.median - aim) <= spread.margin:
        return "just about"
    return "yes" if (spread.median > aim) is is_least else "no"


def run_sniff(scale: float) -> None:
    print(f"\nsniff(): microseconds, median and quartiles\n{'body':18}{'us':>6}")
    for name, body in _BODIES.items():
        times = measure(functools.partial(sniff, body), 2 * scale)
        median, lower, upper = (1e6 * seconds for seconds in times)
        print(f"{name:18}{median:6.2f} ({lower:.2f}-{upper:.2f})", flush=True)


def run_import(scale: float) -> None:
    """Time imports in new processes, with the kit and without it by turns."""
    flask, both = "import flask", "import flask, flask_responsekit"
    # Once before, so that the compiled modules are there.
    run_python(both)
    pairs = []
    for turn in range(8 * math.ceil(5 * scale)):
        order = (flask, both) if turn % 2 else (both, flask)
        took = {code: float(run_python(_TIMED.format(code))) for code in order}
        pairs.append((took[flask], took[both]))
    ratios = [with_kit / bare for bare, with_kit in pairs]
    ratio = Spread.of([ratios[start::4] for start in range(4)])
    base = statistics.median(bare for bare, _ in pairs)
    print(
        "\nImport: time of flask and the kit in units of flask's, quartiles\n"
        f"{base * 1e3:.0f} ms, aim 1.10: {show(ratio)}, {judge(ratio, 1.10)}"
    )
    added = imported(both) - imported(flask) - {"flask_responsekit"}
    others = sorted(added - sys.stdlib_module_names)
    print("Third-party packages that the kit adds:", *others or ["none"])


def run_streams(scale: float) -> None:
    print(
        f"\nStreams of {SHORT:,} rows: microseconds per row; what the idiom takes, and"
        " what it takes\nwith rows opened in the quickest way, in units of the kit's,"
        " median and quartiles"
        f"\n{'':9}{'rows':11}{'format':8}{'idiom us':>8}{'kit us':>8}{'aim':>6}   "
        f"{'idiom':21}{'aim met':12}{'quickest idiom':21}noise"
    )
    kinds = KINDS if scale == 1 else ["flat"]
    for library, kind, name in itertools.product(list_libraries(), kinds, MIMETYPES):
        aim = _STREAM_AIMS[library][name] if kind == "flat" else None
        call = f"streams.compare_writers({name!r}, {kind!r}, {SHORT}, {5 * scale})"
        comparison = Comparison(run_apart(call, library == "msgspec"))
        idiom, kit = (1e6 * comparison.get_seconds(index) for index in (0, 2))
        ratio, quickest, noise = (comparison.get_ratio(one, 2) for one in (0, 1, 3))
        print(
            f"{library:9}{kind:11}{name:8}{idiom:8.2f}{kit:8.2f}{aim or '':>6}   "
            f"{show(ratio, 2):21}{judge(ratio, aim, is_least=True):12}"
            f"{show(quickest, 2):21}{show(noise, 2)}",
            flush=True,
        )
    run_lengths(scale)
    run_first_chunk()


def run_lengths(scale: float) -> None:
    lengths = [100_000, 1_000_000, 5_000_000][: 3 if scale == 1 else 2]
    print(
        f"\nLong streams: time per row in units of that of {SHORT:,} rows, median and"
        f"\nextremes of three\n{'format':8}{'kit us':>8}   ",
        *(f"{f'{length:,} rows':21}" for length in lengths),
        sep="",
    )
    for name in MIMETYPES:
        measure_short(name)
        print(f"{name:8}{measure_short(name):8.2f}   ", end="")
        for length in lengths:
            ratios = sorted(measure_long(name, length) for _ in range(3))
            lower, median, upper = ratios
            print(f"{show(Spread(median, lower, upper, 0.0)):21}", end="", flush=True)
        print()


def run_first_chunk() -> None:
    print(
        "\nFirst bytes: milliseconds from the first row, before a source waits, median"
        f"\nand quartiles\n{'format':8}{'source':8}{'aim':>4}   {'':21}aim met"
    )
    for name, is_async in itertools.product(MIMETYPES, (False, True)):
        measure_first_chunk(name, is_async)
        spread = Spread.of(
            [[measure_first_chunk(name, is_async) for _ in range(5)] for _ in range(8)]
        )
        print(
            f"{name:8}{'async' if is_async else 'sync':8}{_FIRST_CHUNK_AIM:4.0f}   "
            f"{show(spread):21}{judge(spread, _FIRST_CHUNK_AIM)}",
            flush=True,
        )


def run_memory(scale: float) -> None:
    number = 5_000_000 if scale == 1 else 1_000_000
    print(
        f"\nMemory: the most that a process has, in megabytes, after {SHORT:,} rows and"
        f"\nafter {number:,}"
        f"\n{'':9}{'format':8}{'first':>8}{'last':>8}{'growth':>8}{'aim':>6}   aim met"
    )
    for library, name in itertools.product(list_libraries(), MIMETYPES):
        call = f"streams.measure_memory({name!r}, {number})"
        first, last = run_apart(call, library == "msgspec")
        growth = last - first
        print(
            f"{library:9}{name:8}{first:8.1f}{last:8.1f}{growth:8.1f}{_GROWTH_AIM:6.1f}"
            f"   {'yes' if growth < _GROWTH_AIM else 'no'}",
            flush=True,
        )


def run_types(scale: float) -> None:
    named = {way.distribution for way in WAYS.values() if way.distribution}
    named = {"msgspec", "pydantic", *FRAMES, *named}
    present = sorted(named - {*list_lacks(named)})
    print(
        "\nTypes: microseconds per request, and one way in units of another, median and"
        "\nquartiles",
        *(f"{name} {importlib.metadata.version(name)}" for name in present),
        sep=", ",
    )
    print(
        f"{'what is sent':18}{'way':16}{'us':>9}   {'in units of':16}{'us':>9}   "
        f"{'aim':9}{'ratio':24}aim met"
    )
    for case in CASES:
        lacks = list_lacks(("msgspec" if case.has_msgspec else None, case.distribution))
        if lacks:
            print(f"{case.name:18}not installed: pip install {' '.join(lacks)}")
        else:
            run_case(case, 10 * scale)
    run_frames(40 * scale)


def run_case(case: Case, seconds: float) -> None:
    named = dict.fromkeys(name for aim in case.aims for name in (aim.timed, aim.unit))
    lacks = {name: list_lacks([WAYS[name].distribution]) for name in named}
    present = [name for name in named if not lacks[name]]
    call = f"payloads.compare_ways({case.name!r}, {present}, {seconds})"
    comparison = Comparison(run_apart(call, case.has_msgspec))
    for aim in case.aims:
        missing = lacks[aim.timed] or lacks[aim.unit]
        if missing:
            lack = f"not installed: pip install {missing[0]}"
            print(f"{case.name:18}{aim.timed:28}{aim.unit:16}{lack}")
        else:
            indexes = (present.index(aim.timed), present.index(aim.unit))
            show_aim(case.name, aim, comparison, *indexes)


def show_aim(
    name: str, aim: Aim, comparison: Comparison, timed: int, unit: int
) -> None:
    ratio = comparison.get_ratio(timed, unit)
    digits, sign = (0, ">=") if aim.is_least else (2, "<=")
    bound = "" if aim.figure is None else f"{sign} {aim.figure:.{digits}f}"
    print(
        f"{name:18}{aim.timed:16}{1e6 * comparison.get_seconds(timed):9.1f}   "
        f"{aim.unit:16}{1e6 * comparison.get_seconds(unit):9.1f}   {bound:9}"
        f"{show(ratio, 2 if aim.is_least else 3):24}"
        f"{judge(ratio, aim.figure, is_least=aim.is_least)}",
        flush=True,
    )


def run_frames(seconds: float) -> None:
    """Time frames as CSV, which needs no msgspec."""
    for library in FRAMES:
        name = f"{library}, CSV"
        if list_lacks([library]):
            print(f"{name:18}not installed: pip install {library}")
            continue
        call = f"payloads.compare_frames({library!r}, {seconds})"
        comparison = Comparison(run_apart(call, has_msgspec=True))
        show_aim(name, Aim("kit", "its own method", _FRAME_AIM), comparison, 1, 0)
        show_aim(name, Aim("kit", "kit again"), comparison, 1, 2)


def list_libraries() -> list[str]:
    """Name what streams are measured with, and say what to do about what is missing."""
    if importlib.util.find_spec("msgspec") is not None:
        return [*_STREAM_AIMS]
    print("msgspec  not installed: pip install msgspec")
    return ["without"]


def run_apart(call: str, has_msgspec: bool) -> t.Any:
    """Call something of this directory's in a new process, with msgspec or without."""
    module = call.partition(".")[0]
    return json.loads(run_python(_APART.format(_HERE, has_msgspec, module, call)))


_HERE = str(pathlib.Path(__file__).parent)
_APART = """
import json, sys
sys.path.insert(0, {!r})
if not {}:
    sys.modules["msgspec"] = None
import {}
print(json.dumps({}))
"""
_TIMED = """
import time
start = time.perf_counter()
{}
print(time.perf_counter() - start)
"""


def imported(code: str) -> set[str]:
    """Name the top-level modules that are there when some code has run."""
    names = run_python(f"{code}, sys\nprint(*sys.modules)").split()
    return {name.partition(".")[0] for name in names}


def run_python(code: str) -> str:
    # Isolated: what is installed is imported, not what lies about here.
    command = [sys.executable, "-I", "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
