"""What the codes of calls and plans mean."""

from earmark.codes.catalogue import Code, catalogue

PLAN_CODES = catalogue(
    Code(
        "E001",
        "Wrong usage",
        "The call names something that is not there, or leaves out what is needed. The message"
        " says which word. `earmark COMMAND --help` lists what a command takes. Exit code 2.",
    ),
    Code(
        "E004",
        "The environment failed",
        "The disk is full, a file may not be read or written, or something is out of reach. The"
        " book is not to blame, and nothing was left half done. Exit code 4.",
    ),
    Code(
        "E501",
        "A ceiling below what is promised under it",
        "The policy allows a party or group fewer units of a product than are already running,"
        " pegged and promised to it, so no plan can keep both. Raise the ceiling, or release and"
        " promise less. A shortfall of supply is no contradiction. Exit code 3.",
    ),
    Code(
        "E502",
        "Orders that cannot come together",
        "Orders with one word in `together` are granted on one day. Units pegged to them come on"
        " different days, or one of them can only come after the last day that another allows"
        " (its due day and `max_late_days`). The message names the two. Peg lots of one day, allow"
        " more days, or part the set. A shortfall of supply is no contradiction. Exit code 3.",
    ),
)
"""What can be wrong with a call, its surroundings, or the rules of a plan."""
