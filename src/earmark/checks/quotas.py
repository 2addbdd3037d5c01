"""Quotas that do not go together: of more than all, or of a group whose parties lend."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from earmark.book import Book
from earmark.errors import Problem
from earmark.policy import Policy, Quota


def check_quotas(book: Book) -> Iterator[Problem]:
    """Find quotas of more than all together, and groups whose units are nobody's or twice owned."""
    groups = set(book.group_of.values())
    for policy in book.policies.values():
        yield from _more_than_all(policy, groups)
        for group in sorted(groups & {*policy.quotas}):
            parties = [name for name, of in book.group_of.items() if of == group]
            lends = policy.borrow.keys() & {group, *parties}
            if lends and policy.quotas.keys() & {*parties}:
                yield from _not_lendable(policy, group, sorted(parties))


def _more_than_all(policy: Policy, groups: set[str]) -> Iterator[Problem]:
    """Find parties, or groups, whose quotas are more than all together."""
    for level in (groups, set(policy.quotas) - groups):
        parts = {
            name: _part(quota)
            for name, quota in policy.quotas.items()
            if name in level and quota.bottom is not None
        }
        if (whole := sum(parts.values(), Fraction())) > 1:
            said = " + ".join(str(policy.quotas[name]) for name in parts)
            yield Problem(
                "E216",
                f"the quotas of {', '.join(parts)} are {said}: {float(whole):.6g} of all",
                table="book",
                column=f"policy.{policy.name}.quotas",
                hint="lower them to 100% together, or write numbers of units",
            )


def _not_lendable(policy: Policy, group: str, parties: Sequence[str]) -> Iterator[Problem]:
    """Find a group of which a unit has no owner, or two: its parties' quotas must fit into it."""
    quotas = policy.quotas
    without = [name for name in parties if name not in quotas]
    if without:
        message = f"{group} has a quota that is lent, and its party {without[0]} has none"
        hint = f"give {without[0]} a quota, or none to the parties of {group}"
    elif len({quotas[name].bottom is None for name in (group, *parties)}) > 1:
        message = f"{group} has a quota that is lent; it and those of its parties are of two kinds"
        hint = "write all of them as numbers of units, or none"
    elif sum(_part(quotas[name]) for name in parties) > _part(quotas[group]):
        said = " + ".join(str(quotas[name]) for name in parties)
        message = f"the quota of {group} is lent, and less than those of its parties: {said}"
        hint = f"raise it above {quotas[group]}, or lower them"
    else:
        return
    column = f"policy.{policy.name}.quotas"
    yield Problem("E217", message, table="book", column=column, text=group, hint=hint)


def _part(quota: Quota) -> Fraction:
    return Fraction(quota.top, quota.bottom or 1)
