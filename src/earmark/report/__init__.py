"""The JSON documents of the contract, as plain dicts with their keys in its order.

Keys that the contract does not name stand last: `warnings`, `unpriced_units`,
`unserved_unit_days` of a comparison.
"""

from earmark.report.comparisons import comparison_document, comparisons_document
from earmark.report.plans import grant_columns, plan_document, plan_summary
from earmark.report.problems import problems_document
from earmark.report.rules import rules_document
from earmark.report.text import Document, to_json

__all__ = [
    "Document",
    "comparison_document",
    "comparisons_document",
    "grant_columns",
    "plan_document",
    "plan_summary",
    "problems_document",
    "rules_document",
    "to_json",
]
