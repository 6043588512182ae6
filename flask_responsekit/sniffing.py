r"""Sniffing: name the mimetype of a body that came without one.

Recognising a body is one step, deciding whether its type may replace the default is
another (``_may_replace``). HTML, JavaScript and CSS are never recognised: they exist
only as a default that the application chose.

>>> sniff('{"name": "Ada"}'), sniff(b"\x89PNG\r\n\x1a\n")
('application/json', 'image/png')
>>> sniff("[1] Lovelace, Notes"), sniff("[1] Lovelace, Notes", strict=True)
('text/html', 'text/plain')
"""

from __future__ import annotations

import codecs
import json

from .signatures import find_signature
from .signatures import PDF
from .signatures import UTF16_BE
from .signatures import UTF16_LE

JSON = "application/json"
XML = "application/xml"
SVG = "image/svg+xml"
RSS = "application/rss+xml"
ATOM = "application/atom+xml"
PLAIN = "text/plain"
UNKNOWN = "application/octet-stream"

#: What is looked at of a body's beginning, in bytes: the longest MPEG Layer III frame
#: (1,441) and the header of the next.
HEAD = 1445
#: What is looked at of its end, in bytes or characters.
TAIL = 16

#: Types that a body may have got only because the application compressed it itself: if
#: ``Content-Encoding`` is set in the end, the body is the default in an encoding.
RECODED = frozenset({"application/gzip", "application/zstd", UNKNOWN})


def sniff(
    body: str | bytes | bytearray, *, default: str = "text/html", strict: bool = False
) -> str:
    """Return the mimetype of a body, or the default where nothing else is certain.

    Nothing raises, and the cost does not depend on the length: a short prefix is read
    and, to see whether JSON is closed, the last 16 characters.

    :param body: A subclass of ``str``, such as ``Markup``, keeps the default.
    :param default: The mimetype of the response class, without parameters.
    :param strict: Whether text that does not begin with ``<`` is ``text/plain``, if the
        default can run scripts.
    :return: A mimetype without parameters, except that text which begins with a UTF-16
        byte order mark has its charset.
    """
    return _replacement(body, default, strict) or default


def sniff_content_type(
    body: str | bytes | bytearray, *, default: str, strict: bool = False
) -> str | None:
    """Return the ``Content-Type`` of a body, or ``None`` to keep the default.

    A ``str`` is sent as UTF-8 and says so, unless it is JSON. Bytes of XML carry no
    charset, since the document may declare its own; plain bytes only if they are UTF-8.

    :param body: See :func:`sniff`, also for the other parameters.
    """
    answer = _replacement(body, default, strict)
    if answer is None or answer == JSON:
        return answer
    if isinstance(body, str) or (answer == PLAIN and _is_utf8(body)):
        return f"{answer}; charset=utf-8"
    return answer


def _is_utf8(body: bytes | bytearray) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        # The edge of the window may cut a character, the end of the body may not.
        decoder.decode(body[:HEAD], final=len(body) <= HEAD)
    except UnicodeDecodeError:
        return False
    return True


def _replacement(
    body: str | bytes | bytearray, default: str, strict: bool
) -> str | None:
    if type(body) is str:
        answer = _recognise_str(body)
    elif isinstance(body, (bytes, bytearray)):
        answer = _recognise_bytes(body)
    else:
        return None
    if answer is None or (answer == PLAIN and not strict):
        return None
    return answer if answer != default and _may_replace(default, answer) else None


_ACTIVE = frozenset({XML, SVG, RSS, ATOM, PDF})
#: How a body is packed, which tells little of what it is.
_PACKED = RECODED | {
    *("application/zip", "application/x-xz", "application/x-bzip2"),
    *("application/x-7z-compressed", "application/vnd.rar", "application/vnd.sqlite3"),
}
_TEXTUAL_ENDINGS = (
    *("json", "jsonl", "json-seq", "xml", "yaml", "toml"),
    *("javascript", "ecmascript", "graphql", "sql"),
)


def _may_replace(default: str, answer: str) -> bool:
    """Tell whether the answer can do no more than the default, and says more."""
    scriptable = default == "text/html" or default.endswith(("/xml", "+xml"))
    if answer in _ACTIVE:
        # Any XML type says at least as much as the generic one.
        return default == "text/html" if answer == XML else scriptable
    if answer == PLAIN:
        return scriptable
    if answer in {UTF16_LE, UTF16_BE}:
        return scriptable or default == PLAIN
    if answer == JSON:
        # application/problem+json and application/x-ndjson say more.
        return "json" not in default
    if answer in _PACKED:
        # A default such as that of a spreadsheet or of protobuf says more.
        return default.startswith("text/") or default.endswith(_TEXTUAL_ENDINGS)
    return True


# Each _recognise function answers a type, PLAIN for text, or None where nothing can be
# told: for an empty body, and for markup of no type known here.

_BLANK = " \t\n\f\r\ufeff"
_BLANKS = frozenset(_BLANK)
_LEADING = _BLANKS | {"<", "{", "["}
_LEADING_BYTES = frozenset(character.encode()[:1] for character in _LEADING)
#: All but the "binary data bytes" of the WHATWG MIME Sniffing Standard, section 3.
_TEXT_BYTES = bytes({*range(0x20, 0x100), *b"\t\n\f\r\x1b"})


def _recognise_str(body: str) -> str | None:
    first = body[:1]
    # Most bodies take one of these two short cuts.
    if first not in _LEADING:
        return PLAIN if body else None
    if first == "<" and not body.startswith(("<?xml", "<svg")):
        return None
    return _recognise_text(body, body[-TAIL:])


def _recognise_bytes(body: bytes | bytearray) -> str | None:
    head = bytes(body[:HEAD])
    if (found := find_signature(head)) is not None:
        return found
    answer = PLAIN if head else None
    if head[:1] in _LEADING_BYTES:
        # Latin-1 has a character for each byte: the decoder cannot fail.
        view = head.removeprefix(codecs.BOM_UTF8).decode("latin-1")
        answer = _recognise_text(view, bytes(body[-TAIL:]).decode("latin-1"))
    if answer is None or answer == PLAIN:
        return UNKNOWN if head[:1024].translate(None, _TEXT_BYTES) else answer
    return answer


def _recognise_text(view: str, tail: str) -> str | None:
    if view[:1] in _BLANKS:
        text = view[:256].lstrip(_BLANK)
        # Where all is blank, markup may follow: templates leave many empty lines.
        view = text and view[min(len(view), 256) - len(text) : HEAD]
    if view.startswith("<"):
        return _recognise_markup(view[:1024])
    if view.startswith(("{", "[")) and _is_json(view, tail):
        return JSON
    return PLAIN if view else None


# JSON: only the first tokens and the last character. A full parse costs more than the
# rest of the response.

_SPACE = " \t\n\r"
_SCALAR_START = tuple('"-0123456789tfn')
_VALUE_START = ("{", "[", *_SCALAR_START)
_decode_scalar = json.JSONDecoder().raw_decode


def _is_json(view: str, tail: str) -> bool:
    is_object = view.startswith("{")
    if not tail.rstrip(_SPACE).endswith("}" if is_object else "]"):
        return False
    rest = view[1:256].lstrip(_SPACE)
    ends_here = len(view) <= 256
    return _is_object(rest, ends_here) if is_object else _is_array(rest, ends_here)


def _is_object(rest: str, ends_here: bool) -> bool:
    if rest.startswith("}"):
        return ends_here and rest.rstrip(_SPACE) == "}"
    rest = _after_key(rest)
    return rest.startswith(":") and rest[1:].lstrip(_SPACE).startswith(_VALUE_START)


def _is_array(rest: str, ends_here: bool) -> bool:
    depth = 1
    while rest.startswith("[") and depth <= 6:
        rest = rest[1:].lstrip(_SPACE)
        depth += 1
    if rest.startswith("{"):
        rest = rest[1:].lstrip(_SPACE)
        return rest.startswith("}") or _after_key(rest).startswith(":")
    if rest.startswith(_SCALAR_START):
        rest = _after_scalar(rest)
        if rest.startswith(","):
            return True
    return _is_closed(rest, depth, ends_here)


def _is_closed(rest: str, depth: int, ends_here: bool) -> bool:
    still_open = depth
    while still_open and rest.startswith("]"):
        rest = rest[1:].lstrip(_SPACE)
        still_open -= 1
    if still_open:
        return still_open < depth and rest.startswith(",")
    return ends_here and not rest


def _after_key(rest: str) -> str:
    return _after_scalar(rest) if rest.startswith('"') else ""


def _after_scalar(rest: str) -> str:
    """Return what follows a scalar, or nothing if that does not end in the window."""
    try:
        return rest[_decode_scalar(rest)[1] :].lstrip(_SPACE)
    except ValueError:
        return ""


# XML: the prolog is walked in a window and with a step limit.

_SVG_NAMESPACE = "http://www.w3.org/2000/svg"
_ATOM_NAMESPACE = "http://www.w3.org/2005/Atom"
_SVG_TAG = ("<svg ", "<svg\t", "<svg\n", "<svg\r", "<svg>")
_CLOSING = {"<?": "?>", "<!": ">"}


def _recognise_markup(text: str) -> str | None:
    if text.startswith("<?xml"):
        return _recognise_xml(text)
    return SVG if text.startswith(_SVG_TAG) and _SVG_NAMESPACE in text else None


def _recognise_xml(text: str) -> str | None:
    for _ in range(24):
        if text[:9].lower() == "<!doctype":
            name = _first_word(text[9:])
            if name == "svg" or name.lower() == "html":
                return SVG if name == "svg" else None
        closing = "-->" if text.startswith("<!--") else _CLOSING.get(text[:2])
        if closing is None:
            return _recognise_root(text)
        # "]>" is left of a DOCTYPE whose declarations have been walked.
        text = text.partition(closing)[2].lstrip(_SPACE + "]>")
    return XML


def _recognise_root(text: str) -> str | None:
    name = _first_word(text[1:]).rpartition(":")[2] if text.startswith("<") else ""
    # XHTML that is sent as HTML must not meet a strict parser.
    if name.rstrip("/").lower() == "html":
        return None
    if name == "svg" and _SVG_NAMESPACE in text:
        return SVG
    if name == "feed" and _ATOM_NAMESPACE in text:
        return ATOM
    # An empty <rss/> keeps its slash here: without a channel it is no feed.
    return RSS if name == "rss" else XML


def _first_word(text: str) -> str:
    words = text[:64].replace(">", " ").replace("[", " ").split(None, 1)
    return words[0] if words else ""
