"""What the codes of records mean: E42x to E43x, and warnings about the record's clock."""

from earmark.codes.catalogue import Code, catalogue

RECORD_CODES = catalogue(
    Code(
        "E422",
        "The record is empty",
        "The store is there, but nothing is recorded in it. `earmark import BOOK --into STORE`"
        " takes a book in.",
    ),
    Code(
        "E430",
        "On record otherwise",
        "An entry with this id is on record already and says something else; an entry is never"
        " changed. Nothing was recorded. If the record is wrong, repeat the command with"
        " --correct: the correction names what it corrects, and both stay.",
    ),
    Code(
        "E431",
        "The record refused an entry",
        "The message names why: unbalanced, below_zero, recorded_at_must_not_regress and so on, as"
        " docs/ledger.md lists them. Nothing was recorded.",
    ),
    Code(
        "E432",
        "The entries of a record cannot be restored",
        "An exported folder holds the entries of its record in record.jsonl, and what they come to"
        " in record.checkpoint. They do not fit each other, or the store holds other entries."
        " Nothing was recorded.",
    ),
    Code(
        "E433",
        "The record was altered",
        "Its entries do not lead to the root that it says, or not to the checkpoint that somebody"
        " kept of it. `earmark verify` names the first entry that differs, as far as that can be"
        " told. Nothing was written.",
    ),
    Code(
        "W608",
        "Later than the record",
        "The day or moment asked lies after the last entry. The answer is that of the last entry,"
        " and may be another once more is recorded. --recorded N, with the number of entries,"
        " gives one answer for good.",
    ),
)
"""What can be wrong with a record, or with what is to be recorded."""
