"""Rates with their uncertainty, and medians of times, as the tables of ``RESULTS.md`` state them."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

_Z_95: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many."""

    hits: int
    tries: int

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return self.hits / self.tries if self.tries else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval at 95 % (Wilson 1927), which stays sensible near 0 and 1."""
        if not self.tries:
            return 0.0, 1.0
        n, p, z = self.tries, self.share, _Z_95
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.share:.1%} ({low:.1%} to {high:.1%})"


def median_and_p95_ms(seconds: Sequence[float]) -> str:
    """Return ``median / p95`` in milliseconds."""
    if not seconds:
        return "-"
    return f"{statistics.median(seconds) * 1000:.1f} / {p95(seconds) * 1000:.1f}"


def p95(values: Sequence[float]) -> float:
    """Return the value that 95 % do not exceed."""
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]
