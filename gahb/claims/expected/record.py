"""The range that a claim allows, and why."""

from __future__ import annotations

import math
from dataclasses import dataclass

KADKHODAIE, LI = "Kadkhodaie et al. 2024", "Li et al. 2024"
OURS = "ours"


@dataclass(frozen=True)
class Expected:
    """The range that a claim allows, fixed before the runs that it judges.

    Attributes
    ----------
    low, high : float
        Ends of the range, both allowed; what is above or below a single one is not at it.
    source : str
        Where it is claimed: paper and section or figure; `OURS` where no paper claims it.
    says : str
        What stands there, in our words; for ours, what would follow if it failed.
    reason : str
        Why this range and no other.
    changed : str
        What was changed after results were seen, and in which commit; empty if nothing was.
    """

    low: float
    high: float
    source: str
    says: str
    reason: str
    changed: str = ""

    @property
    def ours(self) -> bool:
        """Whether no paper claims it."""
        return self.source.startswith(OURS)

    def __str__(self) -> str:
        if math.isinf(self.low):
            return f"below {self.high:g}"
        return f"above {self.low:g}" if math.isinf(self.high) else f"{self.low:g} to {self.high:g}"


def above(low: float, source: str, says: str, reason: str, changed: str = "") -> Expected:
    """Return a range without an upper end."""
    return Expected(low, math.inf, source, says, reason, changed)


def below(high: float, source: str, says: str, reason: str, changed: str = "") -> Expected:
    """Return a range without a lower end."""
    return Expected(-math.inf, high, source, says, reason, changed)
