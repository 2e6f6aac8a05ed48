"""A measured figure, what it is held against, and how figures are made from samples."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Literal

from msgspec import Struct

MS = 1_000.0
"""Milliseconds in a second."""


class Goal(Struct, frozen=True):
    """What a figure should reach.

    ``of`` says which figure is bounded: the value itself, its ratio to the limit, or what it
    costs beyond the limit. The first two may have to be small or large, by ``relation``.
    """

    of: Literal["value", "ratio", "value - limit"]
    relation: Literal["<=", ">="]
    bound: float

    def __str__(self) -> str:
        """Return the goal as one comparison, such as ``ratio <= 1.6``."""
        return f"{self.of} {self.relation} {self.bound:g}"

    def is_met(self, value: float, limit: float | None, ratio: float | None) -> bool:
        """Whether these figures reach the goal; a goal that has nothing to bound is not met."""
        excess = None if limit is None else value - limit
        figure = {"value": value, "ratio": ratio, "value - limit": excess}[self.of]
        if figure is None:
            return False
        return figure <= self.bound if self.relation == "<=" else figure >= self.bound


class Metric(Struct, frozen=True):
    """One line of the bench; ``limit`` is what the same machine can do at best, in ``unit``."""

    name: str
    unit: str
    value: float
    limit: float | None
    ratio: float | None
    goal: str | None
    met: bool | None


class Figures(Struct, frozen=True):
    """Value, limit and ratio of one comparison."""

    value: float
    limit: float | None = None
    ratio: float | None = None

    def scaled(self, factor: float) -> "Figures":
        """Return the same in another unit."""
        limit = None if self.limit is None else self.limit * factor
        return Figures(self.value * factor, limit, self.ratio)

    def metric(self, name: str, unit: str, goal: Goal | None = None) -> Metric:
        """Return the line of this comparison, rounded to four significant digits."""
        return Metric(
            name=name,
            unit=unit,
            value=_rounded(self.value),
            limit=None if self.limit is None else _rounded(self.limit),
            ratio=None if self.ratio is None else _rounded(self.ratio),
            goal=None if goal is None else str(goal),
            met=None if goal is None else goal.is_met(self.value, self.limit, self.ratio),
        )


@dataclass
class Comparison:
    """Samples of two contenders, taken in turn, round by round."""

    ours: list[Sequence[float]] = field(default_factory=list)
    limit: list[Sequence[float]] = field(default_factory=list)

    def add(self, ours: Sequence[float], limit: Sequence[float]) -> None:
        """Keep one round of both."""
        self.ours.append(ours)
        self.limit.append(limit)

    def medians(self) -> Figures:
        """Return medians over the rounds' medians.

        A ratio is taken inside each round first: what else the machine does during a round falls
        on both. The median of the ratios is therefore not exactly value through limit.
        """
        ours, limits = [median(each) for each in self.ours], [median(each) for each in self.limit]
        ratios = [mine / bare for mine, bare in zip(ours, limits, strict=True)]
        return Figures(median(ours), median(limits), median(ratios))

    def tails(self, share: float) -> Figures:
        """Return this percentile over the samples of all rounds together."""
        value, limit = percentile(_joined(self.ours), share), percentile(_joined(self.limit), share)
        return Figures(value, limit, value / limit)


def percentile(samples: Iterable[float], share: float) -> float:
    """Return the smallest sample that is not exceeded by this share of them (nearest rank)."""
    ordered = sorted(samples)
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def _joined(rounds: Iterable[Sequence[float]]) -> list[float]:
    return [sample for samples in rounds for sample in samples]


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
