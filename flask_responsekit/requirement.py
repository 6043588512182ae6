"""Optional libraries: what to say if one is missing."""

from __future__ import annotations

import importlib.util


def require(library: str, extra: str, what: str) -> None:
    """Refuse what needs a library that is missing, without importing what is there.

    :param library: the name to import.
    :param extra: the extra of this package that installs it.
    :param what: what needs it, as the subject of a sentence.
    :raises ModuleNotFoundError: if it is missing.
    """
    if importlib.util.find_spec(library) is None:
        raise ModuleNotFoundError(
            f"{what} needs a library that is not installed. Run: pip install"
            f" 'Flask-ResponseKit[{extra}]'",
            name=library,
        )
