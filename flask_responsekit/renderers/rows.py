"""Which values have rows."""

from __future__ import annotations

import datetime
import decimal
import enum
import pathlib
import uuid

#: What has no rows, and no items that could be rows.
_SCALARS = (
    *(str, bytes, int, float, bool, type(None), decimal.Decimal, enum.Enum, uuid.UUID),
    *(datetime.date, datetime.time, datetime.timedelta, pathlib.PurePath),
)


def has_rows(cls: type) -> bool:
    """Whether values of a type can be written in rows.

    >>> has_rows(list), has_rows(str)
    (True, False)
    """
    return not issubclass(cls, _SCALARS)
