"""On whose word something is recorded."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """On whose word something is recorded, and on which day."""

    today: date
    by: str | None = None
    authority: str | None = None
    reason: str | None = None
    correct: bool = False
    """Whether what is on record otherwise is corrected."""
    propose: bool = False
    """Whether what needs an approval is proposed rather than recorded."""
    override: str | None = None
    """Why it is recorded without the approval that it needs."""
