"""The document that sets the sharing rules side by side."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from earmark.book import Book
from earmark.compare.rules import Award, RuleOutcome
from earmark.errors import Problem
from earmark.policy import Policy
from earmark.report.problems import problem_row
from earmark.report.text import Document, day_text


def rules_document(
    book: Book,
    policy: Policy,
    rules: Sequence[RuleOutcome],
    *,
    digest: str,
    known: date | None,
    as_of: date,
    warnings: Iterable[Problem] = (),
) -> Document:
    """Return `earmark.rules/1`; `policy` is the one whose `share` the rules stand in for."""
    return {
        "format": "earmark.rules/1",
        "book": {"title": book.title, "digest": digest},
        "known": day_text(known),
        "as_of": day_text(as_of),
        "policy": policy.name,
        "share": policy.share,
        "tiers": policy.tiers,
        "rules": [
            {
                "share": rule.share,
                "status": rule.status,
                "gap": rule.gap,
                "parties": [{"party": award.party, **_figures(award)} for award in rule.parties],
                "totals": _figures(rule.total),
                "price_unit_days": rule.price_unit_days,
            }
            for rule in rules
        ],
        "warnings": [problem_row(warning) for warning in warnings],
    }


def _figures(award: Award) -> dict[str, Any]:
    return {
        "quantity": award.quantity,
        "granted": award.granted,
        "unserved": award.unserved,
        "late_unit_days": award.late_unit_days,
        "unserved_unit_days": award.unserved_unit_days,
    }
