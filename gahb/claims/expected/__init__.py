"""What each claim expects: range, source, reason, each fixed before the runs it judges.

``python -m gahb.claims.expected`` prints all of them as the table of docs/claims.md.
"""

from __future__ import annotations

from gahb.claims.expected.bases import BASES
from gahb.claims.expected.gaussian import GAUSSIAN
from gahb.claims.expected.record import Expected
from gahb.claims.expected.restoration import RESTORATION
from gahb.claims.expected.transition import TRANSITION

EXPECTED: dict[str, dict[str, Expected]] = {
    "The transition (Figs. 1, 2, 9 to 15)": TRANSITION,
    "The hidden Gaussian structure": GAUSSIAN,
    "Harmonic bases (Figs. 3 to 5, 16 to 21)": BASES,
    "Restoration": RESTORATION,
}
"""By what a page of claims is about, then by key."""
