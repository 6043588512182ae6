"""What can go wrong, as a small tree of exceptions that carry data."""

from __future__ import annotations


class ResponseKitError(Exception):
    """The root of the errors that only the kit raises."""


class ConverterNotFoundError(ResponseKitError, TypeError):
    """Nothing says what a value of this type becomes.

    A :exc:`TypeError`, as the one that Flask and :mod:`json` raise for such a value.

    :param found: a sentence that says where the value was found.
    :param advice: what to do, if more is known than that a converter is missing.
    """

    def __init__(self, cls: type, found: str, advice: str | None = None) -> None:
        if advice is None:
            advice = f"Register one: kit.add_converter({cls.__qualname__}, ...)"
        super().__init__(f"{found} No converter takes it. {advice}")
        #: The type that no converter takes.
        self.type = cls
        self._found = found

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.type, self._found), vars(self) | {"args": self.args}


class ConversionLoopError(ResponseKitError, ValueError):
    """A conversion came back to where it had been.

    A :exc:`ValueError`, as the one that :mod:`json` raises for a cycle.

    :param found: a sentence that says where the loop was found.
    """

    def __init__(self, chain: tuple[type, ...], found: str = "") -> None:
        names = " -> ".join(cls.__qualname__ for cls in chain)
        super().__init__(
            f"{found or 'A conversion came back to a type that it had left.'} The"
            f" conversion {names} never ends. Let the converter return something"
            " simpler than what it is given: a Response, or a value of another type."
        )
        #: The types in the order in which they were converted.
        self.chain = chain
        self._found = found

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.chain, self._found), vars(self) | {"args": self.args}
