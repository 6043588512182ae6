"""Not run, but checked: wrong code is marked, so that a lost check is an error."""

from __future__ import annotations

import decimal

from typing_extensions import assert_type

from flask_responsekit import ConverterRegistry
from flask_responsekit import ResponseKit
from flask_responsekit import to_plain

kit = ResponseKit()
converters = kit.converters

assert_type(converters, ConverterRegistry)
assert_type(decimal.Decimal in converters, bool)
assert_type("decimal.Decimal" in converters, bool)
assert_type(list(converters), list["type | str"])
assert_type(len(converters), int)

to_plain({1, 2}, converters)
to_plain({1, 2})  # type: ignore[call-arg]
to_plain({1, 2}, kit)  # type: ignore[arg-type]
to_plain({1, 2}, {set: list})  # type: ignore[arg-type]
converters[decimal.Decimal] = str  # type: ignore[index]
