"""What each error code means: the words of `earmark explain E102`.

Codes keep their meaning for good: scripts and notes may name them.
"""

from collections.abc import Mapping
from types import MappingProxyType

from earmark.codes.approvals import APPROVAL_CODES
from earmark.codes.catalogue import Code
from earmark.codes.cells import CELL_CODES
from earmark.codes.files import FILE_CODES
from earmark.codes.plans import PLAN_CODES
from earmark.codes.records import RECORD_CODES
from earmark.codes.rules import RULE_CODES
from earmark.codes.tables import TABLE_CODES

__all__ = [
    "APPROVAL_CODES",
    "CELL_CODES",
    "CODES",
    "FILE_CODES",
    "PLAN_CODES",
    "RECORD_CODES",
    "RULE_CODES",
    "TABLE_CODES",
    "Code",
]

CODES: Mapping[str, Code] = MappingProxyType(
    {
        **PLAN_CODES,
        **CELL_CODES,
        **TABLE_CODES,
        **RULE_CODES,
        **APPROVAL_CODES,
        **FILE_CODES,
        **RECORD_CODES,
    }
)
"""Every code, in the order of the kinds of thing that can be wrong."""
