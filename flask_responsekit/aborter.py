"""What ``abort`` calls, taught to raise problems."""

from __future__ import annotations

import typing as t

from werkzeug.exceptions import Aborter

from .problem import Problem


def teach_problems(aborter: object) -> None:
    """Let ``abort(Problem(...))`` raise it. The aborter stays the same object with the
    same mapping. One that is not Werkzeug's is left alone.
    """
    cls = type(aborter)
    if isinstance(aborter, Aborter) and not issubclass(cls, _ProblemAborter):
        aborter.__class__ = type(cls.__name__, (_ProblemAborter, cls), {})


class _ProblemAborter(Aborter):
    def __call__(self, code: t.Any, *args: t.Any, **kwargs: t.Any) -> t.NoReturn:
        if isinstance(code, Problem) and not (args or kwargs):
            raise code
        super().__call__(t.cast("int", code), *args, **kwargs)
