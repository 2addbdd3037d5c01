"""Approvals in words: why one is needed, who could give it, how it stands."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Context, Decimal

from earmark.amounts import gpus, listed, money, number
from earmark.book import canonical_text
from earmark.errors import Problem
from earmark.ledger.approvals import VERDICTS, Verdict
from earmark.ledger.cases import Case, Given
from earmark.ledger.needs import Need, Objection, Pair, Reason
from earmark.ledger.relations import Path, Relation, Step


def case_words(case: Case, currency: str) -> str:
    """Return a case in words."""
    return " ".join(case_sentences(case, currency))


def case_sentences(case: Case, currency: str) -> list[str]:
    """Return a case in sentences: how it stands, why it needs an approval, what is on record."""
    said = [_STATUS_WORDS[case.status]]
    if case.need is not None:
        said += need_sentences(case.need, currency, would=case.status == "would_need")
    elif case.status not in ("not_needed", "void"):
        said.append("The rules of today ask for no approval.")
    if case.override is not None:
        said.append(f"Override, with the reason: {case.override}.")
    said += [given_words(given) for given in case.approvals]
    if case.stated:
        said.append(f"Its rows name {listed(case.stated)} in approved_by; that is a stated fact, "
                    "no approval on record.")  # fmt: skip
    if case.before_rules:
        said.append("It was recorded before the book had rules of approval.")
    elif case.brought_in:
        said.append("It was brought in from elsewhere, not recorded live.")
    return said


def need_words(need: Need, currency: str) -> str:
    """Return in sentences what needs an approval, why, and who could give it."""
    return " ".join(need_sentences(need, currency))


def need_sentences(need: Need, currency: str, *, would: bool = False) -> list[str]:
    """Return the sentences of a need; `would` where the rules are only laid over a book."""
    said = [sentence for pair in need.pairs for sentence in _pair_sentences(pair, currency)]
    needs = "would have needed" if would else "needs"
    if need.could:
        said.append(f"It {needs} the approval of {_either(need.could)}.")
    elif need.anybody:
        said.append(
            f"It {needs} the approval of anybody who does not propose it and is independent of "
            f"{listed(need.sides)}."
        )
    else:
        said.append(f"It {needs} an approval, and nobody whom the rules name could give it.")
    if need.could_not:
        against = "; ".join(objection_words(one) for one in need.could_not)
        said.append(f"Who could not give it: {against}.")
    return said


def refusal(need: Need, verdict: Verdict, currency: str) -> Problem:
    """Return why moves are refused: what the rules ask, what stands instead, and who could help."""
    assert not verdict.passes, verdict
    hint = "propose it, and let one of them approve"
    if need.could:
        hint = f"propose it, and let {_either(need.could)} approve"
    words = f"{VERDICTS[verdict.code]}; {_lower(need_words(need, currency).rstrip('.'))}"
    if verdict.objection is not None:
        words = f"{words}. {objection_words(verdict.objection)}"
    return Problem(_CODES[verdict.code], words, "moves", text=need.digest, hint=hint)


def relation_words(relation: Relation) -> str:
    """Return why two parties count as related: 'a holds 60 % of b, which holds 40 % of c'."""
    if relation.kind == "group":
        return f"both belong to the group {relation.words}"
    if relation.kind == "declared":
        return f"declared by the rules, {relation.words}"
    ways = [_path_words(path) for path in relation.paths]
    whole = (
        f", {_percent(relation.percent)} in all" if any(len(p) > 1 for p in relation.paths) else ""
    )
    return f"{' and '.join(ways)}{whole}"


def reason_words(reason: Reason, currency: str) -> str:
    """Return a reason in words: '12,000 GPUs reach the threshold of 1,000'."""
    between = " between related parties" if reason.rule.startswith("related") else ""
    if reason.rule == "related":
        return "every redirect between related parties needs one"
    if reason.rule.endswith("units"):
        assert isinstance(reason.amount, int)
        assert isinstance(reason.threshold, int)
        reach = "reaches" if reason.amount == 1 else "reach"
        return f"{gpus(reason.amount)} {reach} the threshold of {number(reason.threshold)}{between}"
    threshold = money(canonical_text(reason.threshold), currency)
    if reason.amount is None:
        return f"a price is missing, so nothing shows it to be below {threshold}{between}"
    value = money(canonical_text(reason.amount), currency)
    return f"{value} reaches the threshold of {threshold}{between}"


_STATUS_WORDS = {
    "open": "Open: proposed, and no approval counts.",
    "given": "An approval counts.",
    "expired": "The approval had expired, or has.",
    "late": "Ratified: recorded first, approved afterwards.",
    "overridden": "Overridden: recorded without an approval.",
    "missing": "No approval is on record.",
    "void": "Void: the digest of the proposal is not that of its rows.",
    "not_needed": "Proposed; the rules of today ask for no approval.",
    "would_need": "What the rules ask for, whatever was or was not done:",
}

_CODES = {
    "none": "E340",
    "expired": "E341",
    "other_digest": "E342",
    "by_proposer": "E343",
    "not_independent": "E344",
    "unknown_approver": "E345",
    "override_not_allowed": "E346",
    "override_without_reason": "E347",
}


def _pair_sentences(pair: Pair, currency: str) -> list[str]:
    """Return what goes between two parties, why they count as related, and the rules it reaches."""
    ways = [
        f"{gpus(amount.units)} from {giver} {f'to {taker}' if taker else 'back to their lot'}"
        for giver, taker, amount in ((pair.a, pair.b, pair.there), (pair.b, pair.a, pair.back))
        if amount.units
    ]
    said = [f"{' and '.join(ways)}."]
    if pair.relation is not None:
        later = ", by what was known afterwards" if pair.relation.hindsight else ""
        parties = f"{pair.a} and {pair.b} count as related{later}"
        said.append(f"{parties}: {relation_words(pair.relation)}.")
    earlier = [way.units for way in (pair.earlier_there, pair.earlier_back) if way.units]
    if earlier:
        said.append(
            f"Of earlier sets within the window {' and '.join(map(number, earlier))} count."
        )
    reasons = "; ".join(reason_words(reason, currency) for reason in pair.reasons)
    return [*said, f"{reasons[:1].upper()}{reasons[1:]}."]


def _path_words(path: Path) -> str:
    said, before = "", None
    for step in path:
        link = "" if not said else ", which " if step.holder == before else f"; {step.holder} "
        said += (link or f"{step.holder} ") + _step_words(step)
        before = step.held
    return said


def _step_words(step: Step) -> str:
    if not step.stakes:
        return f"is of one group with {step.held}"
    others = [f"{holder} {_percent(percent)}" for holder, percent in step.stakes]
    own = step.stakes[0][0] == step.holder and len(step.stakes) == 1
    through = "" if own else f" ({listed(others)})"
    control = " (control)" if step.control else ""
    return f"holds {_percent(step.percent)} of {step.held}{through}{control}"


def _percent(percent: Decimal) -> str:
    """Return a percentage to at most two digits, cut off: no border is reached by rounding."""
    cut = percent.quantize(Decimal("0.01"), rounding=ROUND_DOWN, context=Context(prec=1000))
    return f"{canonical_text(cut)} %"


def objection_words(one: Objection) -> str:
    if one.code == "by_proposer":
        return f"{one.who} proposes or makes it"
    if one.code == "unknown_approver":
        return f"{one.who} is not among the approvers of the rules"
    if one.relation is None:
        return f"{one.who} is one of the parties"
    return f"{one.who} is related to {one.party}: {relation_words(one.relation)}"


def given_words(given: Given) -> str:
    verdict = given.verdict
    by = verdict.by or "nobody named"
    until = f", until {verdict.until}" if verdict.until else ""
    said = f"{by}, {given.at[:10]}{until}: {VERDICTS[verdict.code]}"
    if verdict.objection is not None:
        said += f" ({objection_words(verdict.objection)})"
    return f"{said}."


def _either(names: Sequence[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
