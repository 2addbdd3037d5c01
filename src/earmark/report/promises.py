"""Promises as a document and in words: what can be promised by when, and what limits it."""

from collections.abc import Sequence

from earmark.amounts import gpus, number
from earmark.answer import Answer
from earmark.availability import Week
from earmark.planning.promising import Limit
from earmark.promise import Offer, Promise, TierOffer
from earmark.report.text import Document, day_text

CAUSES = ("site", "site", "ceiling", "ceiling", "supply")
"""The cause of each slot, as reasons have it."""


def promise_document(said: Answer, found: Promise, tiers: Sequence[TierOffer]) -> Document:
    """Return `earmark.promise/1`: the ask, both offers, and what an order of each tier would get.

    There are no `tiers` where they were not asked for.
    """
    ask = found.ask
    return {
        **_head(said, "earmark.promise/1"),
        "asked": {
            "party": ask.party,
            "products": list(ask.products),
            "site": ask.site,
            "quantity": ask.quantity,
            "due": day_text(ask.due),
        },
        "capable": _offer(found.capable),
        "available": _offer(found.available),
        "tiers": [
            {
                "tier": tier.tier,
                "by_due": tier.by_due,
                "complete": day_text(tier.complete),
                "unserved": tier.unserved,
                "others_unit_days": tier.others_unit_days,
            }
            for tier in tiers
        ],
    }


def availability_document(said: Answer, weeks: Sequence[Week]) -> Document:
    """Return `earmark.availability/1`: the available-to-promise table."""
    return {
        **_head(said, "earmark.availability/1"),
        "weeks": [
            {
                "product": week.product,
                "from": day_text(week.begin),
                "supply": week.supply,
                "due": week.due,
                "net": week.net,
                "discrete": week.discrete,
                "cumulative": week.cumulative,
                "promisable": week.promisable,
            }
            for week in weeks
        ],
    }


def promise_sentences(found: Promise) -> list[str]:
    """Return a promise in words."""
    ask, offer = found.ask, found.capable
    where = f" at {ask.site}" if ask.site else ""
    said = f"{gpus(offer.by_due)} of {number(ask.quantity)} can be promised to {ask.party}{where}"
    sentences = [f"{said} for {ask.due}, with every grant of the plan left as it is."]
    if offer.by_due < ask.quantity:
        sentences += [_limit_words(limit) for limit in offer.limits]
        later = [part for part in offer.parts if part.day > ask.due]
        if offer.at_once:
            sentences.append(f"All at once: {offer.at_once.product} on {offer.at_once.day}.")
        elif later:
            sentences.append("All at once: not before the book ends.")
        if offer.unserved:
            sentences.append(f"{gpus(offer.unserved)} cannot be promised before the book ends.")
    if found.available.by_due > offer.by_due:
        more = found.available.by_due
        sentences.append(f"Of the supply alone, unpowered, {gpus(more)} are free for {ask.due}.")
    return sentences


def _limit_words(limit: Limit) -> str:
    what = {
        "site": f"power at {limit.name}",
        "ceiling": f"the ceiling of {limit.name}",
        "supply": f"the supply of {limit.name}",
    }[CAUSES[limit.slot]]
    product = "" if CAUSES[limit.slot] == "supply" else f" for {limit.product}"
    return f"On {limit.day}, {what} leaves room{product} for {gpus(limit.room)}."


def _head(said: Answer, name: str) -> Document:
    return {
        "format": name,
        "book": {"title": said.book.title, "digest": said.digest},
        "known": day_text(said.question.known),
        "as_of": day_text(said.as_of),
        "policy": said.plan.policy,
    }


def _offer(offer: Offer) -> Document:
    return {
        "by_due": offer.by_due,
        "complete": day_text(offer.complete),
        "unserved": offer.unserved,
        "at_once": offer.at_once
        and {"date": day_text(offer.at_once.day), "product": offer.at_once.product},
        "parts": [
            {"date": day_text(part.day), "product": part.product, "quantity": part.quantity}
            for part in offer.parts
        ],
        "limits": [
            {
                "date": day_text(limit.day),
                "product": limit.product,
                "cause": CAUSES[limit.slot],
                "by": limit.name,
                "room": limit.room,
            }
            for limit in offer.limits
        ],
    }
