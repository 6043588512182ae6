from __future__ import annotations

import dataclasses
import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_responsekit import negotiation
from flask_responsekit.negotiation import check_mimetype
from flask_responsekit.negotiation import negotiate
from flask_responsekit.negotiation import negotiate_anyhow
from flask_responsekit.negotiation import Offer

JSON = "application/json"
XML = "application/xml"
XHTML = "application/xhtml+xml"
HTML = "text/html"
PLAIN = "text/plain"
CSV = "text/csv"
JPEG = "image/jpeg"
PNG = "image/png"
WEBP = "image/webp"
ATOM = "application/atom+xml"
RSS = "application/rss+xml"
MSGPACK = Offer(
    "application/vnd.msgpack",
    aliases=("application/msgpack", "application/x-msgpack"),
)
PROBLEM = Offer("application/problem+json", aliases=(JSON,))
#: As a kit offers it: browsers accept it, and like it better than anything unnamed.
KIT_XML = Offer(XML, quality=0.85)

CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
    "image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
)
CHROME_IMAGE = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
FIREFOX_72 = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
    "image/png,image/svg+xml,*/*;q=0.8"
)
FIREFOX_IMAGE = "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
SAFARI = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
SAFARI_IMAGE = (
    "image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,"
    "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
)
SAFARI_5 = (
    "application/xml,application/xhtml+xml,text/html;q=0.9,text/plain;q=0.8,"
    "image/png,*/*;q=0.5"
)
EDGE_18 = "text/html, application/xhtml+xml, application/xml; q=0.9, */*; q=0.8"
EDGE_12 = "text/html, application/xhtml+xml, image/jxr, */*"
IE_6 = (
    "image/gif, image/x-xbitmap, image/jpeg, image/pjpeg, application/x-shockwave-flash"
    ", application/vnd.ms-excel, application/vnd.ms-powerpoint, application/msword, */*"
)
IE_9 = "text/html, application/xhtml+xml, */*"
JQUERY = "application/json, text/javascript, */*; q=0.01"
AXIOS = "application/json, text/plain, */*"
JDK = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
FEEDPARSER = (
    "application/atom+xml,application/rdf+xml,application/rss+xml,application/x-netcdf,"
    "application/xml;q=0.9,text/xml;q=0.2,*/*;q=0.1"
)
FEEDLY = (
    "application/rss+xml, application/rdf+xml;q=0.8, application/atom+xml;q=0.6,"
    " application/xml;q=0.4, text/xml;q=0.4"
)
PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
PIP = (
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1,"
    " text/html; q=0.01"
)
MASTODON = (
    'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/'
    'activitystreams", text/html;q=0.1'
)
LD_JSON = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"

RFC_9110 = (
    "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed,"
    " text/plain;format=fixed;q=0.4, */*;q=0.5"
)
RFC_7231 = (
    "text/*;q=0.3, text/html;q=0.7, text/html;level=1, text/html;level=2;q=0.4,"
    " */*;q=0.5"
)
RFC_ELABORATE = "text/plain; q=0.5, text/html, text/x-dvi; q=0.8, text/x-c"


def weighs(accept, mimetype, thousandths):
    """Tell whether the client's weight is this, by what wins and loses against it."""
    more, less = (thousandths + 1) / 1000, (thousandths - 1) / 1000
    header = f"{accept}, probe/more;q={more}, probe/less;q={less}"
    wins = negotiate(header, ["probe/less", mimetype]) == mimetype
    # There is nothing above 1 to lose against.
    loses = negotiate(header, [mimetype, "probe/more"]) == "probe/more"
    return wins and (loses or thousandths == 1000)


# The tables of the RFCs


@pytest.mark.parametrize(
    ("accept", "mimetype", "thousandths"),
    [
        pytest.param(RFC_9110, "text/plain;format=flowed", 1000, id="9110-flowed"),
        pytest.param(RFC_9110, PLAIN, 700, id="9110-plain"),
        pytest.param(RFC_9110, HTML, 300, id="9110-html"),
        pytest.param(RFC_9110, JPEG, 500, id="9110-jpeg"),
        pytest.param(RFC_9110, "text/plain;format=fixed", 400, id="9110-fixed"),
        # Erratum 7138: it is printed as 0.7, left over from the table of RFC 7231.
        pytest.param(RFC_9110, "text/html;level=3", 300, id="9110-erratum-7138"),
        pytest.param(RFC_9110, "text/plain;delsp=yes", 700, id="6149-delsp"),
        pytest.param(RFC_7231, "text/html;level=1", 1000, id="7231-level-1"),
        pytest.param(RFC_7231, HTML, 700, id="7231-html"),
        pytest.param(RFC_7231, PLAIN, 300, id="7231-plain"),
        pytest.param(RFC_7231, JPEG, 500, id="7231-jpeg"),
        pytest.param(RFC_7231, "text/html;level=2", 400, id="7231-level-2"),
        pytest.param(RFC_7231, "text/html;level=3", 700, id="7231-level-3"),
        pytest.param("audio/*; q=0.2, audio/basic", "audio/basic", 1000, id="basic"),
        pytest.param("audio/*; q=0.2, audio/basic", "audio/ogg", 200, id="audio"),
        pytest.param(RFC_ELABORATE, "text/x-dvi", 800, id="elaborate-dvi"),
        pytest.param(RFC_ELABORATE, PLAIN, 500, id="elaborate-plain"),
        pytest.param(
            "text/*, text/plain, text/plain;format=flowed, */*",
            "text/plain;format=flowed",
            1000,
            id="precedence",
        ),
    ],
)
def test_weight_is_that_of_most_specific_range(accept, mimetype, thousandths):
    assert weighs(accept, mimetype, thousandths)


@pytest.mark.parametrize(
    ("quality", "thousandths"),
    [
        pytest.param("1", 1000, id="one"),
        pytest.param("1.0", 1000, id="one-digit"),
        pytest.param("1.000", 1000, id="three-digits"),
        pytest.param("1.", 1000, id="one-point"),
        pytest.param("01", 1000, id="leading-zero"),
        pytest.param("1.001", 1000, id="slightly-above-1"),
        pytest.param("2", 1000, id="above-1"),
        pytest.param("100.5", 1000, id="far-above-1"),
        pytest.param("9" * 400, 1000, id="overflows-a-float"),
        pytest.param(".2", 200, id="no-leading-zero"),
        pytest.param("0.25", 250, id="two-digits"),
        pytest.param("0.999", 999, id="below-1"),
        pytest.param("0.001", 1, id="least"),
        pytest.param("00.500", 500, id="zeros"),
        pytest.param("0.33333333", 333, id="cut-after-three-digits"),
        pytest.param("0.99999", 999, id="not-rounded-up"),
        pytest.param("0.00001", 1, id="tiny-is-no-refusal"),
        pytest.param('"0.5"', 500, id="quoted"),
        pytest.param('"0\\.5"', 500, id="quoted-escape"),
        pytest.param("  0.5  ", 500, id="blanks"),
        pytest.param("\t0.5\t", 500, id="tabs"),
    ],
)
def test_weight_is_read(quality, thousandths):
    assert weighs(f"text/html;q={quality}", HTML, thousandths)


@pytest.mark.parametrize("quality", ["0", "0.", "0.0", "0.000", ".0", "00", '"0"'])
def test_weight_of_zero_refuses(quality):
    assert negotiate(f"text/html;q={quality}, */*;q=0.1", [HTML]) is None


@pytest.mark.parametrize(
    "member",
    [
        *(f"text/html;q={quality}" for quality in ("nan", "inf", "-inf", "Infinity")),
        *(f"text/html;q={quality}" for quality in ("-1", "-0", "-0.5", "+1", "+0.5")),
        *(f"text/html;q={quality}" for quality in ("1e3", "5e-1", "0x1", "1_0", "1j")),
        *(f"text/html;q={quality}" for quality in ("high", "½", "0.5.5", ".", "..")),
        *(f"text/html;q={quality}" for quality in ("0 .5", "0. 5", "1/2", "50%")),
        *(f"text/html;q={quality}" for quality in ("١", "0.٥", "²", '"١"', '"0.٥"')),
        *("text/html;q=", "text/html;q", "text/html;q= ", 'text/html;q=""'),
        *(
            'text/html;q=" 0.5"',
            'text/html;q="0.5',
            'text/html;q="1"0',
            "text/html;q='1'",
        ),
        *("text/html;q=1;q=1", "text/html;q=0.5;Q=0.6", "text/html;q==1"),
        *("text/html;q:1", "text/html q=1", "text/html;=1", "text/html;;=;q=1"),
        *("text/html;level", "text/html;level=", "text/html;level=1;level=2"),
        *("text/html;level=1;LEVEL=1", "text/html;le vel=1", 'text/html;"level"=1'),
        *("text/html;level=1 2", "text/html;level=a/b", "text/html;level=a=b"),
        *('text/html;level=a"b"', 'text/html;level="a"b', 'text/html;level="a" "b"'),
        *(
            'text/html;a="',
            'text/html;a="\\"',
            'text/html;a="\\',
            'text/html;a="x\\\\\\"',
        ),
        *("*/html", "*/html;q=1", "html", "text", "text/", "/html", "/", "text//html"),
        *("text/html/x", "text /html", "text/ html", "te xt/html", "text/ht ml"),
        *("text\\html", "text/html\x00", "\x00text/html", "text/html\x0b", "té/html"),
        *("\xa0text/html", "text/html\u2003", "**", "*;q=x", "<html>", "text/html:q=1"),
        *('"text/html"', "(text)/html", "text/html;charset", ";", ";q=1", "=", "q=1"),
    ],
    ids=ascii,
)
def test_malformed_member_is_dropped_and_rest_counts(member):
    assert negotiate(f"image/png;q=0.001, {member}", [HTML, PNG]) == PNG


# Decisions

CASES = [
    # Nothing to go by: anything is acceptable
    pytest.param(None, [JSON, HTML], JSON, id="missing"),
    pytest.param("", [JSON, HTML], JSON, id="empty"),
    pytest.param(" \t ", [JSON, HTML], JSON, id="blank"),
    pytest.param(", ,,\t,", [JSON, HTML], JSON, id="only-commas"),
    pytest.param("text", [JSON, HTML], JSON, id="nothing-parseable"),
    pytest.param("*/html;q=0", [JSON, HTML], JSON, id="only-malformed-wildcard"),
    pytest.param("*/*;q=none", [JSON, HTML], JSON, id="only-malformed-weight"),
    pytest.param('a/b;x="unterminated', [JSON], JSON, id="only-unterminated"),
    pytest.param("*/*", [JSON, HTML], JSON, id="anything"),
    pytest.param("*", [JSON, HTML], JSON, id="bare-asterisk"),
    pytest.param("*;q=.2, a/b;q=.1", ["a/b", JSON], JSON, id="asterisk-weight"),
    pytest.param("*;q=0, text/*", [JSON, HTML], HTML, id="bare-asterisk-refuses"),
    pytest.param(" * ; q=.2,text/html;q=.1", [HTML, JSON], JSON, id="asterisk-blanks"),
    pytest.param("*/*;q=0", [JSON, HTML], None, id="nothing-accepted"),
    pytest.param("*/*;q=0, text/html", [JSON, HTML], HTML, id="nothing-but-html"),
    pytest.param("*/*", [], None, id="nothing-offered"),
    pytest.param(None, [], None, id="nothing-offered-to-no-header"),
    # Acceptable or not
    pytest.param("text/html", [JSON], None, id="not-offered"),
    pytest.param("text/*", [JSON, CSV, HTML], CSV, id="type-wildcard"),
    pytest.param("text/*", [JSON, "texts/csv"], None, id="type-wildcard-whole-type"),
    pytest.param("application/xml", ["text/xml"], None, id="xml-is-not-xml"),
    pytest.param(JSON, ["application/problem+json"], None, id="no-suffix-matching"),
    pytest.param("application/*+json", [PROBLEM], None, id="suffix-is-no-wildcard"),
    pytest.param("te*/html, text/htm*", [HTML], None, id="asterisk-inside-is-literal"),
    # What seven libraries get wrong
    pytest.param("text/html;q=0, */*", [HTML, JSON], JSON, id="refused-by-name"),
    pytest.param("*/*, text/html;q=0", [HTML], None, id="refused-beside-anything"),
    pytest.param("text/*;q=0, */*", [HTML, JSON], JSON, id="refused-by-type"),
    pytest.param("text/html;q=0", [HTML], None, id="refused-alone"),
    pytest.param("text/html;q=0", [JSON], None, id="refused-alone-accepts-nothing"),
    pytest.param("text/*;q=0, text/html", [CSV, HTML], HTML, id="refused-but-html"),
    pytest.param("text/html;q=inf, */*;q=.1", [HTML, JSON], HTML, id="q-inf"),
    pytest.param("text/html;q=inf, text/csv", [HTML, CSV], CSV, id="q-inf-dropped"),
    pytest.param("TEXT/HTML", [JSON, HTML], HTML, id="upper-case-range"),
    pytest.param("text/html", [JSON, "Text/HTML"], "Text/HTML", id="upper-case-offer"),
    pytest.param("Text/*;Q=0.9, */*;q=0.1", [JSON, HTML], HTML, id="upper-case-q"),
    pytest.param("application/json; charset=utf-8", [XML, JSON], JSON, id="charset"),
    pytest.param("text/csv;q=0.2, text/html;q=0.9", [CSV, HTML], HTML, id="weights"),
    pytest.param("text/csv;q=.2, */*;q=.1", [HTML, CSV], CSV, id="q-without-zero"),
    pytest.param(
        "text/html", [JSON, "text/html; charset=utf-8"], "text/html; charset=utf-8",
        id="offer-with-parameters",
    ),
    pytest.param("*/*", ["json", HTML], HTML, id="malformed-offer-passed-over"),
    pytest.param(None, ["", "text/", "*/*", JSON], JSON, id="malformed-offers"),
    pytest.param("text/html", ["html", "text/*"], None, id="only-malformed-offers"),
    # Parameters
    pytest.param("text/html;level=1", [HTML], None, id="parameter-not-offered"),
    pytest.param("text/html;level=1", ["text/html;level=2"], None, id="other-value"),
    pytest.param(
        "text/html;LEVEL=1", ["text/html;level=1"], "text/html;level=1", id="name-case"
    ),
    pytest.param("text/html;v=A", ["text/html;v=a"], None, id="value-case"),
    pytest.param(
        'text/html;v="a"', ["text/html;v=a"], "text/html;v=a", id="quoted-is-token"
    ),
    pytest.param(
        "text/html;v=a", ['text/html;v="a"'], 'text/html;v="a"', id="token-is-quoted"
    ),
    pytest.param(
        "a/b;y=2;x=1", ["a/b;x=1;y=2;z=3"], "a/b;x=1;y=2;z=3", id="some-in-any-order"
    ),
    pytest.param("a/b;x=1;y=2", ["a/b;x=1"], None, id="one-of-two-is-missing"),
    pytest.param(
        "a/b;x=1;q=0.9, a/b;x=1;y=2;q=0.1, c/d;q=0.5", ["a/b;x=1;y=2", "c/d"], "c/d",
        id="more-parameters-are-more-specific",
    ),
    pytest.param(
        "a/b;q=0.1;x=1, a/b, c/d;q=0.5", ["a/b;x=1", "c/d"], "c/d",
        id="parameter-after-weight",
    ),
    pytest.param(
        "text/*;x=1;q=0.1, text/html;q=0.9, a/b;q=0.5", ["a/b", "text/html;x=1"],
        "text/html;x=1", id="subtype-beats-parameters-of-wildcard",
    ),
    pytest.param("*/*;x=1", [HTML, "a/b;x=1"], "a/b;x=1", id="wildcard-parameter"),
    pytest.param("text/html;;q=0.1, */*;q=.2", [HTML, CSV], CSV, id="empty-parameter"),
    pytest.param("text/html;, */*;q=0.1", [CSV, HTML], HTML, id="trailing-semicolon"),
    pytest.param("text/html; ;\t;q=1;", [CSV, HTML], HTML, id="blank-parameters"),
    # Charset
    pytest.param("text/html;charset=iso-8859-1", [HTML], HTML, id="other-charset"),
    pytest.param(
        "text/html;charset=utf-8;q=0.1, text/html, text/csv;q=0.5", [HTML, CSV], CSV,
        id="charset-is-specific",
    ),
    pytest.param(
        "text/html;CharSet=X;level=1", ["text/html;level=1"], "text/html;level=1",
        id="charset-with-parameter",
    ),
    pytest.param("text/html;charset=utf-8;level=1", [HTML], None, id="only-charset"),
    pytest.param(
        "text/html;charset=UTF-8", ["text/html; charset=utf-8"],
        "text/html; charset=utf-8", id="charset-on-both-sides",
    ),
    pytest.param("text/html;charset=x;q=0, */*", [HTML, CSV], CSV, id="charset-q-0"),
    pytest.param("*/*;charset=utf-8", [JSON], JSON, id="charset-of-anything"),
    # Quoted strings. Where all is malformed, anything goes: hence a first offer that is
    # not asked for.
    pytest.param(
        'a/b;x="1,2", c/d;q=0.5', ["c/d", 'a/b;x="1,2"'], 'a/b;x="1,2"', id="comma"
    ),
    pytest.param(
        'a/b;x="1;q=0"', [JSON, 'a/b;x="1;q=0"'], 'a/b;x="1;q=0"', id="semicolon"
    ),
    pytest.param(
        r'a/b;x="\",\\"', [JSON, r'a/b;x="\",\\"'], r'a/b;x="\",\\"', id="escaped-quote"
    ),
    pytest.param(r'a/b;x="\\", c/d', [JSON, "c/d"], "c/d", id="escaped-backslash"),
    pytest.param(
        r'a/b;x="\\\",", c/d;q=0.5', ["c/d", r'a/b;x="\\\","'], r'a/b;x="\\\","',
        id="escapes",
    ),
    pytest.param(r'a/b;x="\1"', [JSON, "a/b;x=1"], "a/b;x=1", id="needless-escape"),
    pytest.param('a/b;x=""', [JSON, 'a/b;x=""'], 'a/b;x=""', id="empty-quoted"),
    pytest.param('a/b;x=" 1"', ["a/b;x=1"], None, id="blank-inside-quotes"),
    pytest.param(
        'a/b ; x = "1" ;q=1', [JSON, "a/b;x=1"], "a/b;x=1", id="blanks-at-equals"
    ),
    pytest.param(
        'a/b;x= \t"1,2", c/d;q=0.5', ["c/d", 'a/b;x="1,2"'], 'a/b;x="1,2"',
        id="quote-after-blanks",
    ),
    pytest.param(
        'a/b;x="1, c/d, e/f', ["c/d", "e/f"], "c/d", id="unterminated-takes-all"
    ),
    pytest.param(
        'e/f;q=0.1, a/b;x="1, c/d', ["c/d", "e/f"], "e/f", id="unterminated-takes-rest"
    ),
    pytest.param('a/b";x=1, c/d', ["a/b", "c/d"], "c/d", id="stray-quote"),
    pytest.param('a/b;x=1", c/d, "', ["a/b", "c/d"], "c/d", id="quote-after-value"),
    pytest.param('"a/b, c/d, e"/f', ["e/f", "c/d"], "c/d", id="quote-at-start"),
    pytest.param('a/b;x="1"", c/d', [JSON, "c/d"], "c/d", id="quote-after-quoted"),
    # Commas, blanks, lines
    pytest.param(",, text/html,, ,", [JSON, HTML], HTML, id="empty-members"),
    pytest.param("\ttext/html\t,\t*/*\t;\tq=0.1", [JSON, HTML], HTML, id="tabs"),
    pytest.param(
        "text/html;q=0.5,application/json;q=0.6", [HTML, JSON], JSON, id="no-blanks"
    ),
    pytest.param(
        ", ".join(["text/html;q=0.5", "*/*;q=0.1", "text/html;level=1"]),
        [JSON, HTML], HTML, id="several-lines",
    ),
    pytest.param("text/csv;q=0,5, text/html", [CSV, HTML], HTML, id="decimal-comma"),
    # Equals
    pytest.param("text/html, application/json", [JSON, HTML], JSON, id="offer-order"),
    pytest.param("text/html, text/*, */*", [JSON, CSV, HTML], HTML, id="specific"),
    pytest.param("text/*, */*", [JSON, CSV, HTML], CSV, id="type-before-anything"),
    pytest.param(
        "a/b;x=1, c/d", ["c/d", "a/b;x=1"], "a/b;x=1", id="parameter-before-none"
    ),
    pytest.param("*/*, a/b;q=0.9", ["a/b", "c/d"], "c/d", id="weight-before-specific"),
    pytest.param("a/b;q=0.1, a/b;q=0.9, c/d;q=.5", ["c/d", "a/b"], "a/b", id="twice"),
    pytest.param("a/b, a/b;q=0, c/d;q=0.1", ["a/b", "c/d"], "c/d", id="twice-refused"),
    pytest.param("a/b;q=0, a/b", ["a/b"], None, id="twice-refused-first"),
    pytest.param("A/B;q=0, a/b", ["a/b"], None, id="twice-refused-in-upper-case"),
    pytest.param(
        "a/b;x=1;q=0, a/b;y=2, */*", ["a/b;x=1;y=2", "c/d"], "c/d",
        id="equally-specific-refused",
    ),
    pytest.param(
        "a/b;x=1;q=.2, a/b;y=2;q=.8, c/d;q=.5", ["c/d", "a/b;x=1;y=2"], "a/b;x=1;y=2",
        id="equally-specific-highest",
    ),
    pytest.param(
        "a/b;x=1;q=0, a/b", ["a/b;x=1", "a/b"], "a/b", id="refused-with-parameter"
    ),
    pytest.param(
        "a/b;q=0, a/b;x=1", ["a/b", "a/b;x=1"], "a/b;x=1", id="refused-without"
    ),
    # Browsers
    pytest.param(CHROME, [JSON, KIT_XML], JSON, id="chrome-api"),
    pytest.param(CHROME, [KIT_XML, JSON], JSON, id="chrome-api-xml-first"),
    pytest.param(CHROME, [JSON, Offer(XML)], Offer(XML), id="chrome-api-xml-as-good"),
    pytest.param(CHROME, [JSON, KIT_XML, HTML], HTML, id="chrome-page"),
    pytest.param(CHROME, [JSON, CSV], JSON, id="chrome-csv"),
    pytest.param(CHROME, [XHTML, HTML], XHTML, id="chrome-xhtml"),
    pytest.param(
        CHROME, [JSON, "application/signed-exchange;v=b3"], JSON, id="chrome-exchange"
    ),
    pytest.param(CHROME_IMAGE, [JSON, JPEG, WEBP], WEBP, id="chrome-image"),
    pytest.param(CHROME_IMAGE, [HTML, JPEG], JPEG, id="chrome-any-image"),
    pytest.param("*/*", [JSON, HTML], JSON, id="chrome-fetch"),
    pytest.param("text/event-stream", [JSON, "text/event-stream"], "text/event-stream",
                 id="chrome-event-source"),
    pytest.param("text/css,*/*;q=0.1", [JSON, "text/css"], "text/css", id="chrome-css"),
    pytest.param(FIREFOX, [JSON, KIT_XML], JSON, id="firefox-api"),
    pytest.param(FIREFOX, [JSON, HTML], HTML, id="firefox-page"),
    pytest.param(FIREFOX_72, [JSON, KIT_XML, HTML], HTML, id="firefox-72-page"),
    pytest.param(FIREFOX_IMAGE, [JPEG, PNG], PNG, id="firefox-image"),
    pytest.param(SAFARI, [JSON, KIT_XML], JSON, id="safari-api"),
    pytest.param(SAFARI, [JSON, HTML], HTML, id="safari-page"),
    pytest.param(SAFARI_IMAGE, [HTML, JPEG], JPEG, id="safari-image"),
    pytest.param(SAFARI_5, [JSON, HTML], HTML, id="safari-5-page"),
    pytest.param(SAFARI_5, [HTML, KIT_XML], HTML, id="safari-5-prefers-xml"),
    pytest.param(EDGE_18, [JSON, KIT_XML, HTML], HTML, id="edge-18-page"),
    pytest.param(EDGE_18, [JSON, KIT_XML], JSON, id="edge-18-api"),
    pytest.param(EDGE_12, [JSON, HTML], HTML, id="edge-12-page"),
    pytest.param(IE_6, [HTML, JSON], HTML, id="ie-6-page"),
    pytest.param(IE_6, [HTML, JPEG], JPEG, id="ie-6-image"),
    pytest.param(IE_9, [JSON, HTML], HTML, id="ie-9-page"),
    # Programs
    pytest.param("*/*", [JSON, KIT_XML], JSON, id="curl-wget-requests-httpx-postman"),
    pytest.param(None, [JSON, KIT_XML], JSON, id="go-excel"),
    pytest.param("*/*", [CSV, JSON], CSV, id="excel"),
    pytest.param(AXIOS, [HTML, JSON], JSON, id="axios"),
    pytest.param(AXIOS, [HTML, CSV], HTML, id="axios-else"),
    pytest.param(JQUERY, [HTML, JSON], JSON, id="jquery-get-json"),
    pytest.param(JQUERY, [HTML], HTML, id="jquery-get-json-else"),
    pytest.param(JDK, [JSON, HTML], HTML, id="jdk-page"),
    pytest.param(JDK, [JSON, XML], JSON, id="jdk-api"),
    pytest.param(FEEDPARSER, [HTML, RSS, ATOM], RSS, id="feedparser"),
    pytest.param(FEEDPARSER, [HTML, XML], XML, id="feedparser-xml"),
    pytest.param(FEEDLY, [ATOM, HTML, RSS], RSS, id="feed-reader"),
    pytest.param(FEEDLY, [HTML, JSON], None, id="feed-reader-not-acceptable"),
    pytest.param(PROMETHEUS, [PLAIN, OPENMETRICS], OPENMETRICS, id="prometheus"),
    pytest.param(PROMETHEUS, [PLAIN, HTML], PLAIN, id="prometheus-else"),
    pytest.param(
        PIP, [HTML, "application/vnd.pypi.simple.v1+json"],
        "application/vnd.pypi.simple.v1+json", id="pip",
    ),
    pytest.param(MASTODON, [HTML, LD_JSON], LD_JSON, id="mastodon"),
    pytest.param("application/vnd.github+json", [JSON], None, id="github"),
    # Aliases
    pytest.param("application/msgpack", [JSON, MSGPACK], MSGPACK, id="alias"),
    pytest.param("Application/X-MsgPack", [JSON, MSGPACK], MSGPACK, id="last-alias"),
    pytest.param("application/vnd.msgpack", [JSON, MSGPACK], MSGPACK, id="own-name"),
    pytest.param(
        "application/msgpack;q=0.9, application/vnd.msgpack;q=0.1, */*;q=0.5",
        [JSON, MSGPACK], MSGPACK, id="best-of-aliases",
    ),
    pytest.param("application/msgpack, */*", [JSON, MSGPACK], MSGPACK, id="alias-tie"),
    pytest.param(
        "application/vnd.msgpack;q=0, application/msgpack", [MSGPACK], None,
        id="refused-by-name-in-spite-of-alias",
    ),
    pytest.param(
        "application/vnd.msgpack;q=0, */*;q=0.1", [MSGPACK, JSON], JSON,
        id="refused-by-name-in-spite-of-wildcard",
    ),
    pytest.param(
        "application/msgpack;q=0, */*;q=0.5", [MSGPACK, HTML], MSGPACK,
        id="alias-refused",
    ),
    pytest.param(
        "*/*;q=0, application/json", [HTML, PROBLEM], PROBLEM,
        id="wildcard-refuses-all-but-alias",
    ),
    pytest.param(JSON, [HTML, PROBLEM], PROBLEM, id="json-means-problem"),
    pytest.param("*/*;q=0", [PROBLEM], None, id="no-alias-accepted"),
    # The server's preference
    pytest.param("application/xml", [JSON, KIT_XML], KIT_XML, id="xml-asked-for"),
    pytest.param(
        "application/xml, application/json;q=0.8", [JSON, KIT_XML], KIT_XML,
        id="xml-preferred",
    ),
    pytest.param(
        "application/xml, application/json;q=0.9", [JSON, KIT_XML], JSON,
        id="xml-hardly-preferred",
    ),
    pytest.param("*/*", [KIT_XML, JSON], JSON, id="server-prefers-json"),
    pytest.param(None, [KIT_XML, JSON], JSON, id="server-prefers-json-unasked"),
    pytest.param(
        "a/b;q=0.3, c/d;q=0.6", [Offer("c/d", 0.1), Offer("a/b", 0.2)],
        Offer("c/d", 0.1), id="equal-products-are-equal",
    ),
    pytest.param(
        "a/b;q=0.7, c/d;q=0.1", [Offer("c/d", 0.7), Offer("a/b", 0.1)],
        Offer("c/d", 0.7), id="products-commute",
    ),
    pytest.param(
        "a/b, c/d;q=0.85", [Offer("c/d"), Offer("a/b", 0.85)], Offer("c/d"),
        id="product-equals-weight",
    ),
    pytest.param(
        "a/b;q=0.001", [Offer("a/b", 1e-9)], Offer("a/b", 1e-9), id="least-of-all"
    ),
    pytest.param(
        "*/*", [Offer("a/b", 0.0000021), Offer("c/d", 0.000003)],
        Offer("c/d", 0.000003), id="millionths",
    ),
    # Limits
    pytest.param(",".join(["a/b"] * 49 + ["c/d"]), ["e/f", "c/d"], "c/d", id="50"),
    pytest.param(",".join(["a/b"] * 51), ["c/d", "a/b"], "c/d", id="51-members"),
    pytest.param(",".join(["x"] * 50 + ["a/b"]), ["c/d", "a/b"], "c/d",
                 id="malformed-members-count"),
    pytest.param("," * 5000 + "a/b", ["c/d", "a/b"], "a/b", id="empty-do-not-count"),
    pytest.param("a/b" + " " * 8189, ["c/d", "a/b"], "a/b", id="8192-characters"),
    pytest.param("a/b" + " " * 8190, ["c/d", "a/b"], "c/d", id="8193-characters"),
    pytest.param("a/b" + " " * 997, ["c/d", "a/b"], "a/b", id="1000-characters"),
    pytest.param("a/b" + " " * 998, ["c/d", "a/b"], "a/b", id="1001-characters"),
    # Characters that change into ASCII when they are made lower case
    pytest.param("text/\u212a", [JSON, "text/k"], JSON, id="kelvin-sign"),
    pytest.param("text/\u212a, a/b", ["text/k", "a/b"], "a/b", id="kelvin-dropped"),
]  # fmt: skip


@pytest.mark.parametrize(("accept", "offers", "expected"), CASES)
def test_best_offer_is_chosen(accept, offers, expected):
    chosen = negotiate(accept, offers)
    assert chosen == expected
    assert chosen is None or any(chosen is offer for offer in offers)


# What may be offered


@dataclasses.dataclass
class Renderer:
    mimetype: str = JSON
    quality: float = 1.0
    aliases: tuple[str, ...] = ()


def test_any_object_with_the_fields_is_negotiated():
    renderers = [Renderer(), Renderer(CSV, aliases=("text/comma-separated-values",))]
    assert negotiate("text/csv", renderers) is renderers[1]
    assert negotiate("text/comma-separated-values", renderers) is renderers[1]
    assert negotiate("*/*", renderers) is renderers[0]


def test_equal_offers_keep_their_identity():
    first, second = Renderer(), Renderer()
    assert negotiate(JSON, [first, second]) is first
    assert negotiate(JSON, (second, first)) is second


def test_object_with_malformed_mimetype_is_passed_over():
    assert negotiate(JSON, [Renderer("json", aliases=(JSON,))]) is None
    assert negotiate(None, [Renderer("json"), HTML]) == HTML


def test_malformed_alias_is_passed_over():
    renderer = Renderer(CSV, aliases=("csv", "text/x-csv"))
    assert negotiate("text/x-csv", [renderer]) is renderer
    assert negotiate("text/html", [renderer]) is None


@pytest.mark.parametrize(
    "mimetype",
    [
        *("text/html", "TEXT/HTML", "a/b", "x-y/z", "application/vnd.a.b+json"),
        *("text/html;level=1", "text/html; charset=utf-8", "text/html ;a=1 ; b=2"),
        *('a/b;x="1,2;3"', r'a/b;x="\"\\"', 'a/b;x=""', "a/b;charset=utf-8;q1=0"),
        *("!#$&^_.+-/!#$%&'^_`|~", "a/b;*=*", 'a/b;x="q=0"', "a/b;", "a/b;;x=1"),
    ],
)
def test_media_type_is_taken(mimetype):
    check_mimetype(mimetype)
    assert Offer(mimetype).mimetype is mimetype


@pytest.mark.parametrize(
    "mimetype",
    [
        *("", " ", "html", "text/", "/html", "/", "text/html/x", "text html", ";a=1"),
        *("*", "*/*", "text/*", "*/html", "application/*+json", "t*xt/html"),
        *("text/html;q=1", "text/html; Q=0.5", "text/html;level=1;q=0"),
        *(" text/html", "text/html ", "text /html", "text/ html", "text/html; "),
        *("text/html;a", "text/html;a=", "text/html;=1", "text/html;a =1"),
        *("text/html;a= 1", "text/html;a=1;a=1", "text/html;a=1;A=2", "a/b;x=y z"),
        *('a/b;x="', 'a/b;x="\\"', 'a/b;x="1"2', 'a/b;x=1"', "a/b;x=@"),
        *("text/html\r\n", "text/html\r\nX: 1", "text/html;a=\n1", "text/html\n"),
        *('a/b;x="\r\n"', 'a/b;x="\t"', "a/b;\tx=1", 'a/b;x="\x7f"', "a/b\x00"),
        *("té/html", "text/htm\u212a", 'a/b;x="é"', "text/html, text/csv", "a/b:c"),
    ],
    ids=ascii,
)
def test_malformed_media_type_is_named(mimetype):
    with pytest.raises(ValueError, match="is not a media type") as caught:
        check_mimetype(mimetype)
    assert repr(mimetype) in str(caught.value)
    with pytest.raises(ValueError, match="is not a media type"):
        Offer(mimetype)
    with pytest.raises(ValueError, match="is not a media type"):
        Offer(JSON, aliases=(HTML, mimetype))


@pytest.mark.parametrize("mimetype", [None, b"text/html", 1, ["text/html"], object])
def test_media_type_that_is_no_text_is_named(mimetype):
    with pytest.raises(
        TypeError, match="is not a media type. Give one as text"
    ) as caught:
        check_mimetype(mimetype)
    assert repr(mimetype) in str(caught.value)


@pytest.mark.parametrize(
    "quality", [0, 0.0, -0.5, 1.001, 2, float("nan"), float("inf")]
)
def test_quality_out_of_bounds_is_named(quality):
    with pytest.raises(ValueError, match="above 0 and up to 1") as caught:
        Offer("text/x-named", quality=quality)
    assert repr(quality) in str(caught.value)
    assert "text/x-named" in str(caught.value)


@pytest.mark.parametrize("quality", [1, 1.0, 0.85, 1e-9])
def test_quality_within_bounds_is_taken(quality):
    assert Offer(HTML, quality).quality == quality


def test_offer_is_immutable_and_compared_by_value():
    offer = Offer(HTML)
    assert offer == Offer(HTML, 1.0, ())
    assert hash(offer) == hash(Offer(HTML))
    with pytest.raises(dataclasses.FrozenInstanceError):
        offer.quality = 0.5


# Laws

TYPES = [JSON, XML, HTML, CSV, PLAIN, PNG]
PARAMETERS = [
    "",
    ";level=1",
    ";level=2",
    ";charset=utf-8",
    ';x="a,b;c"',
    ";x=1;level=1",
]
MALFORMED = ["html", "*/html", "a/b;q=x", "a/b;x", "a/b;q=1;q=1", ";", 'a/b;x="1"2']

mimetypes = st.sampled_from(TYPES)
thousandths = st.integers(0, 1000)


def written(name, parameters, weight):
    return f"{name}{parameters};q={weight // 1000}.{weight % 1000:03}"


ranges = st.builds(
    written,
    st.sampled_from([*TYPES, "text/*", "application/*", "*/*", "*"]),
    st.sampled_from(PARAMETERS),
    st.one_of(st.sampled_from([0, 500, 1000]), thousandths),
)
headers = st.lists(ranges, max_size=8)
offers = st.builds(
    Offer,
    st.builds(str.__add__, mimetypes, st.sampled_from(PARAMETERS)),
    st.one_of(st.sampled_from([1, 0.85, 0.5]), st.floats(0.001, 1)),
    st.lists(mimetypes, max_size=2).map(tuple),
)
offer_lists = st.lists(offers, max_size=5)


def identity(offers, chosen):
    """Return where the very object is."""
    return [index for index, offer in enumerate(offers) if offer is chosen]


@given(headers, offer_lists)
def test_answer_is_one_of_the_offers(members, offers):
    chosen = negotiate(", ".join(members), offers)
    assert chosen is None or identity(offers, chosen)


@given(st.text(alphabet='abq/*;=,"\\ \t.01+-é', max_size=60), offer_lists)
def test_any_delimiters_are_decided_and_always_alike(accept, offers):
    chosen = negotiate(accept, offers)
    assert chosen is None or identity(offers, chosen)
    negotiation._parse_accept_cached.cache_clear()
    assert negotiate(accept, offers) is chosen


@given(st.text(max_size=200))
def test_any_text_is_decided_and_always_alike(accept):
    assert negotiate(accept, TYPES) is negotiate(accept, TYPES)


@given(headers, mimetypes, offer_lists)
def test_type_refused_by_name_is_never_served(members, refused, offers):
    # A range with parameters is more specific: it may allow what is refused without.
    members = [member for member in members if not member.startswith(f"{refused};")]
    accept = ", ".join([*members, f"{refused};q=0"])
    chosen = negotiate(accept, [refused, *offers])
    assert chosen is None or (
        chosen is not refused and chosen.mimetype.partition(";")[0] != refused
    )


@given(headers, mimetypes, st.sampled_from(PARAMETERS))
def test_offer_refused_as_it_is_is_never_served(members, name, parameters):
    accept = ", ".join([*members, f"{name}{parameters};q=0"])
    offer = Offer(name + parameters, aliases=(XML,))
    if parameters:
        assert negotiate(accept, [offer]) is None
    assert negotiate(f"{name};q=0, {XML}, */*", [Offer(name, aliases=(XML,))]) is None


@given(headers, offer_lists, st.sampled_from(MALFORMED), st.data())
def test_malformed_member_changes_nothing(members, offers, malformed, data):
    place = data.draw(st.integers(0, len(members)))
    more = [*members[:place], malformed, *members[place:]]
    chosen = negotiate(", ".join(members), offers)
    assert negotiate(", ".join(more), offers) is chosen


@given(headers, offer_lists, st.randoms(use_true_random=False))
def test_order_of_ranges_changes_nothing(members, offers, random):
    chosen = negotiate(", ".join(members), offers)
    random.shuffle(members)
    assert negotiate(", ".join(members), offers) is chosen


@given(headers, offer_lists)
def test_case_and_blanks_change_nothing(members, offers):
    chosen = negotiate(",".join(members), offers)
    spaced = " ,\t, ".join(member.replace(";q=", "\t; Q\t= ") for member in members)
    assert negotiate(spaced.replace("text/", "TEXT/"), offers) is chosen


@given(st.sampled_from([None, "", "*/*", "nonsense", "*;q=.2"]), offer_lists)
def test_without_a_preference_the_server_decides(accept, offers):
    by_server = max(offers, key=lambda offer: round(offer.quality, 6), default=None)
    assert negotiate(accept, offers) is by_server


@given(headers, offer_lists)
def test_what_is_offered_in_addition_loses_or_is_taken(members, offers):
    accept = ", ".join(members)
    chosen = negotiate(accept, offers)
    fewer = [offer for offer in offers if offer is chosen]
    assert negotiate(accept, fewer) is chosen


@given(headers, st.lists(mimetypes, min_size=1, unique=True))
def test_decision_agrees_with_the_rules_taken_literally(members, offers):
    def rank(mimetype):
        parsed = [member.rpartition(";q=") for member in members]
        found = [
            (specificity, weight != "0.000", float(weight))
            for name, _, weight in parsed
            for specificity in [literal_specificity(name, mimetype)]
            if specificity is not None
        ]
        if not members:
            return 1.0, (0, 0)
        best = max((specificity for specificity, _, _ in found), default=None)
        equal = [row for row in found if row[0] == best]
        if not equal or not all(positive for _, positive, _ in equal):
            return 0.0, (0, 0)
        return max(weight for _, _, weight in equal), best

    best = max(offers, key=rank)
    expected = best if rank(best)[0] else None
    assert negotiate(", ".join(members), offers) == expected


def literal_specificity(name, mimetype):
    """How specific a range of these tests is, or ``None`` if it does not match."""
    essence, _, parameters = name.partition(";")
    if "level" in parameters or "x=" in parameters:
        return None
    if essence in ("*", "*/*"):
        return 0, bool(parameters)
    if essence.endswith("/*"):
        matches = mimetype.startswith(essence[:-1])
        return (1, bool(parameters)) if matches else None
    return (2, bool(parameters)) if essence == mimetype else None


# Hostile headers

UNITS = [
    *(",", ";", "=", '"', "\\", " ", "\t", "/", "*", "q", "\x00", "é", "\U0001f40d"),
    *(
        '\\"',
        '="',
        '";',
        '=";',
        '=" "',
        "=,",
        ";=",
        ',"',
        '/"',
        " =",
        "\t ;",
        "q=",
        ";q",
    ),
    *("*/*", "*/*,", "*/*;", "a/b,", "a/b;", "a/b;q=0,", ";q=1", ";q=0.", "a/b;q=nan,"),
    *(
        'a/b;x="",',
        'a/b;x="\\"',
        '"\\"\\"\\""',
        ' ;x="1',
        "\r\n",
        ";a=b",
        ",;",
        ", ;",
        "=\t",
    ),
]
STARTS = ["", "a/b", "a/b;x=", 'a/b;x="', "a/b;q=0.", "a/b;q=", "*/*;", "a/b,"]


def filled(start, unit, length):
    return (start + unit * length)[:length]


@pytest.mark.parametrize("length", [100_000, 8192, 8000, 1000])
def test_hostile_header_costs_little(length):
    hostile = [filled(*pair, length) for pair in itertools.product(STARTS, UNITS)]
    began = time.process_time()
    for accept in hostile:
        assert negotiate(accept, [JSON, HTML]) in (JSON, HTML, None)
    # Some milliseconds each, most of it for tracing; a backtracking one takes minutes.
    assert time.process_time() - began < 20


def test_parsing_is_linear_even_without_the_limits():
    began = time.process_time()
    for start, unit in itertools.product(["", 'a/b;x="', "a/b;q=0."], UNITS):
        negotiation._parse_accept(filled(start, unit, 20_000))
    assert time.process_time() - began < 20


def test_twenty_thousand_members_are_nothing_parseable():
    began = time.process_time()
    for member in ("a/b", "a/b;q=0.5", 'a/b;x="1"', "x", "*/*;q=0"):
        accept = ",".join([member] * 20_000)
        assert negotiate(accept, [JSON, "a/b"]) == JSON
        assert negotiation._parse_accept(accept) is negotiation._ANYTHING
    assert time.process_time() - began < 20


def test_many_parameters_are_one_range():
    many = ";".join(f"p{number}=1" for number in range(800))
    assert negotiate(f"a/b;{many}, c/d;q=0.1", ["a/b", "c/d"]) == "c/d"
    assert negotiate(f"a/b;{many}", [f"a/b;{many}"]) == f"a/b;{many}"


def caches():
    return {
        name: value
        for name, value in vars(negotiation).items()
        if hasattr(value, "cache_info")
    }


def containers():
    return {
        name: len(value)
        for name, value in vars(negotiation).items()
        if isinstance(value, (dict, list, set, frozenset, tuple))
        and name != "__builtins__"
    }


def test_distinct_headers_leave_nothing_but_bounded_caches():
    before = containers()
    for number in range(100_000):
        negotiate(f"a/{number:x}, */*;q=0.1", [JSON])
    assert containers() == before
    assert caches().keys() == {"_parse_accept_cached", "_parse_mimetype"}
    for cache in caches().values():
        assert cache.cache_info().maxsize <= 256
        assert cache.cache_info().currsize <= 256
    assert negotiation._ANYTHING == {"*/*": [(1000, (0, 0), frozenset())]}


# What is sent in any case.


OTHER = "text/html"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        pytest.param("application/a+json", JSON, id="json"),
        pytest.param("Application/A+XML;q=.5", XML, id="xml"),
        pytest.param("application/json;v=1", JSON, id="version"),
        pytest.param("application/a+json;q=0.1, application/b+xml;q=0.2", XML),
        pytest.param("application/a+json;q=0.2, application/b+xml;q=0.1", JSON),
        pytest.param("application/a+json;q=0.001", JSON, id="least"),
        pytest.param("application/a+json, */*;q=0.1", JSON, id="any-other-less"),
        pytest.param("application/a+json, text/html", OTHER, id="named"),
        pytest.param(
            "application/a+json;q=0.5, text/html;q=0.4", JSON, id="liked-more"
        ),
        pytest.param("application/a+json;q=0", OTHER, id="refused"),
        pytest.param(
            "application/a+json, application/json;q=0, a/b", OTHER, id="by-name"
        ),
        pytest.param("application/a+yaml, application/a", OTHER, id="another-format"),
        pytest.param("application/xhtml+xml", OTHER, id="html"),
        pytest.param("image/svg+xml, model/gltf+json", OTHER, id="no-data"),
        pytest.param(CHROME, OTHER, id="browser"),
        pytest.param("nonsense", OTHER, id="nonsense"),
        pytest.param("", OTHER, id="empty"),
        pytest.param(None, OTHER, id="missing"),
        pytest.param("a/b", OTHER, id="unacceptable"),
        pytest.param("a/b, text/html;q=0", JSON, id="not-refused"),
        pytest.param("a/b, text/html;q=0, application/json;q=0", XML, id="last-one"),
        pytest.param("*/*;q=0", OTHER, id="all-refused"),
        pytest.param(
            ", ".join(f"application/x{n}+json" for n in range(50)), JSON, id="50"
        ),
        pytest.param('application/a+json, a/b;c="', JSON, id="open-quote"),
        pytest.param("application/a+json," + " " * 9000, OTHER, id="too-long"),
    ],
)
def test_something_is_chosen_in_any_case(accept, chosen):
    assert negotiate_anyhow(accept, [OTHER, JSON, XML]) == chosen


@given(accept=st.text(max_size=50))
def test_what_is_chosen_in_any_case_is_what_is_chosen_if_it_is_acceptable(accept):
    offers = [OTHER, "text/csv"]
    chosen = negotiate_anyhow(accept, offers)
    assert chosen == (negotiate(accept, offers) or chosen)
    assert chosen in offers


def test_distinct_media_types_leave_bounded_caches():
    for number in range(1000):
        check_mimetype(f"a/{number}")
    assert caches()["_parse_mimetype"].cache_info().currsize <= 256


def test_long_header_is_not_kept():
    cache = negotiation._parse_accept_cached
    cache.cache_clear()
    negotiate(", ".join(["text/html"] * 2) + " " * 1000, [HTML])
    negotiate("x" * 9000, [HTML])
    assert cache.cache_info().currsize == 0
    negotiate("text/html".ljust(1000), [HTML])
    assert cache.cache_info().currsize == 1
