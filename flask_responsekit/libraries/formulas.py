"""Text that a spreadsheet would compute (CWE-1236), for the writers of others."""

from __future__ import annotations

import collections.abc as cabc
import typing as t

#: What makes a formula of a text.
STARTS: t.Final = ("=", "+", "-", "@", "\t", "\r")
#: The same as a regular expression that Rust's, RE2 and Python read alike.
PATTERN: t.Final = r"^[=+\-@\t\r]"
#: No formula stands from here on, where all letters do, in the order of characters.
#: Text is compared much faster than it is searched.
LETTERS: t.Final = "A"
#: No formula stands from the first to before the second, where all digits do.
DIGITS: t.Final = ("0", ":")


def guard_names(names: cabc.Iterable[str], formulas: str) -> list[str]:
    """Escape the names of columns, or refuse them.

    >>> guard_names(["id", "=1+1"], "escape")
    ['id', "'=1+1"]

    :param formulas: ``"escape"``, ``"reject"`` or ``"raw"``.
    :raises ValueError: if one is refused.
    """
    guarded = []
    for name in names:
        is_formula = formulas != "raw" and name.startswith(STARTS)
        if is_formula and formulas == "reject":
            refuse(f"The header, column {name!r}", name)
        guarded.append(f"'{name}" if is_formula else name)
    return guarded


def refuse(place: str, text: str) -> t.NoReturn:
    """Refuse a formula.

    :param place: where it stands.
    :raises ValueError: always.
    """
    raise ValueError(
        f"{place}: {text!r} would be computed by a spreadsheet. Choose"
        " formulas='escape', or formulas='raw' if no spreadsheet reads it."
    )
