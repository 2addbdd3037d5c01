"""What the codes of approvals mean: E34x."""

from earmark.codes.catalogue import Code, catalogue

APPROVAL_CODES = catalogue(
    Code(
        "E340",
        "A redirect needs an approval",
        "The rules of the book (`[approval]`) ask for one: so many units, so much value, or parties"
        " that are related. The message says which rule, why the parties count as related, and who"
        " could approve. Nothing was recorded. Propose it (`--propose`), let one of them approve"
        " (`earmark approve`), and record it again.",
    ),
    Code(
        "E341",
        "The approval has expired",
        "An approval counts for so many days (`approval.days`), or until the day it names, and that"
        " day has come. Let it be approved again.",
    ),
    Code(
        "E342",
        "Something else was approved",
        "An approval is of exactly the rows and postings whose digest it names. These are others:"
        " another quantity, day, lot, order or reason, or the record has moved on so that other"
        " units would go. Propose what is to be recorded now.",
    ),
    Code(
        "E343",
        "Who proposes cannot approve",
        "Who proposes, makes or records a redirect cannot approve it, under whatever name. Ask"
        " somebody else.",
    ),
    Code(
        "E344",
        "The approver is not independent",
        "The approver is one of the parties, or is related to one: by a group, by stakes that are"
        " followed through, or by a declaration of the rules, on the day of the approval or on the"
        " day of recording. The message shows how. Ask somebody else.",
    ),
    Code(
        "E345",
        "Not an approver of the book",
        "The rules name who may approve (`approval.approvers`), and this is none of them.",
    ),
    Code(
        "E346",
        "No override is allowed",
        'The rules do not let anything through without an approval (`override = "no"`).',
    ),
    Code(
        "E347",
        "An override needs a reason",
        "An override stays on the list of `earmark approvals` for good, with its reason.",
    ),
    Code(
        "E348",
        "Nothing to approve",
        "No proposal, and no redirect that needs an approval, has this id or digest; or several"
        " digests begin like this; or the digest of the proposal is not that of its rows."
        " `earmark approvals STORE` lists what there is.",
    ),
    Code(
        "E349",
        "An approver or declared party that no party is called",
        "`approval.approvers` names parties by id, and people or bodies in two words or more;"
        " `approval.declared` names parties alone. The table parties has no such id. For example"
        ' approvers = ["makr"] where the party is called maker.',
    ),
)
"""What can be wrong with an approval, or the rules of approvals."""
