"""Time contenders against one another, in one process and taking turns."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import dataclasses
import gc
import itertools
import math
import random
import statistics
import time
import typing as t

Contender: t.TypeAlias = cabc.Callable[[], object]

#: How long a slice takes, in seconds: long beside reading the clock, short beside the
#: moods of a machine.
_SLICE = 0.001
#: How often the contenders are made anew: where its objects happen to lie in memory
#: makes one faster or slower by a percent for as long as it lives.
_BLOCKS = 8
#: The least that a block is worth.
_LEAST_ROUNDS = 6


@dataclasses.dataclass(frozen=True)
class Spread:
    """What came of the rounds, one figure for each."""

    median: float
    #: Between these two lies half of the figures.
    lower: float
    upper: float
    #: Within this distance of the median the true value is to be expected: two standard
    #: errors, as the blocks differ.
    margin: float

    @classmethod
    def of(cls, blocks: cabc.Sequence[cabc.Sequence[float]]) -> Spread:
        lower, median, upper = statistics.quantiles(itertools.chain(*blocks), n=4)
        spread = statistics.stdev(map(statistics.median, blocks))
        return cls(median, lower, upper, 2 * spread / math.sqrt(len(blocks)))


@dataclasses.dataclass(frozen=True)
class Comparison:
    """What contenders took that were timed against one another.

    They are known by their places in the list that they were given in.
    """

    #: The seconds that a call of each contender took, for each round of each block.
    blocks: cabc.Sequence[cabc.Sequence[cabc.Sequence[float]]]

    def get_seconds(self, index: int) -> float:
        """How long a call of a contender takes."""
        return statistics.median(row[index] for block in self.blocks for row in block)

    def get_ratio(self, index: int, base: int = 0) -> Spread:
        """How long one contender takes in units of another: one ratio a round."""
        return Spread.of(
            [[row[index] / row[base] for row in block] for block in self.blocks]
        )

    def get_difference(self, index: int, base: int = 0) -> Spread:
        """How many microseconds longer one contender takes than another.

        What is far apart in time is never subtracted: there is one difference a round,
        of two slices that are a few milliseconds apart.
        """
        return Spread.of(
            [[1e6 * (row[index] - row[base]) for row in block] for block in self.blocks]
        )


def compare(
    make: cabc.Callable[[], cabc.Sequence[Contender]],
    seconds: float,
    length: float = _SLICE,
) -> Comparison:
    """Time contenders in short slices, one after the other and over again.

    :param make: makes the contenders.
    :param seconds: how long this takes, besides making them and warming up.
    :param length: how long a slice takes, in seconds.
    """
    blocks = (_run_block(make(), seconds / _BLOCKS, length) for _ in range(_BLOCKS))
    return Comparison([*blocks])


def _run_block(
    contenders: cabc.Sequence[Contender], seconds: float, length: float = _SLICE
) -> list[list[float]]:
    """Give the seconds that a call of each contender takes, for each round."""
    numbers = [max(1, round(length / _warm_up(each))) for each in contenders]
    rounds: list[list[float]] = []
    with _collector_off():
        end = time.perf_counter() + seconds
        while time.perf_counter() < end or len(rounds) < _LEAST_ROUNDS:
            row = [0.0] * len(contenders)
            # In any order, since each finds what the one before it left in the caches.
            for index in random.sample(range(len(row)), len(row)):
                number = numbers[index]
                row[index] = _time(contenders[index], number) / number
            rounds.append(row)
            # What the slices leave is no part of the next ones.
            gc.collect()
    return rounds


def measure(contender: Contender, seconds: float) -> tuple[float, float, float]:
    """Time one contender.

    :return: the seconds that a call takes: median and quartiles of the slices.
    """
    rounds = _run_block([contender], seconds)
    lower, median, upper = statistics.quantiles((row[0] for row in rounds), n=4)
    return median, lower, upper


def _time(contender: Contender, number: int) -> float:
    calls = itertools.repeat(None, number)
    # Only what this thread computes counts, not how long others had its processor.
    start = time.thread_time()
    for _ in calls:
        contender()
    return time.thread_time() - start


def _warm_up(contender: Contender) -> float:
    """Call until the interpreter has specialized the code, and caches are full.

    :return: about how many seconds a call takes.
    """
    end = time.perf_counter() + 0.03
    quickest = math.inf
    while time.perf_counter() < end:
        quickest = min(quickest, _time(contender, 3) / 3)
    return quickest


@contextlib.contextmanager
def _collector_off() -> cabc.Iterator[None]:
    """Keep the garbage collector from choosing whose slice it spoils."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
