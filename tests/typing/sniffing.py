"""Not run, but checked: wrong code is marked, so that a lost check is an error."""

from __future__ import annotations

from typing_extensions import assert_type

from flask_responsekit import sniff

assert_type(sniff("text"), str)
assert_type(sniff(b"bytes", default="text/plain"), str)
assert_type(sniff(bytearray(b"bytes"), strict=True), str)

sniff(1)  # type: ignore[arg-type]
sniff(None)  # type: ignore[arg-type]
sniff(["text"])  # type: ignore[arg-type]
sniff("text", "text/plain")  # type: ignore[call-arg]
sniff("text", default=None)  # type: ignore[arg-type]
sniff("text", strict="strict")  # type: ignore[arg-type]
