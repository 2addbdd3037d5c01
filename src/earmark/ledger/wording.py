"""Accounts in words, for what is refused and what is found."""

from earmark.ledger.entries import Account


def in_words(account: Account) -> str:
    """Return what an account holds, as part of a sentence."""
    return _WORDS[account.state].format(
        holder=account.holder, product=account.product, place=account.place or "no place"
    )


_WORDS = {
    "supplied": "units of {product} that lot {holder} has left",
    "earmarked": "units of {product} pegged to order {holder} from {place}",
    "shipped": "units of {product} on their way to order {holder} from {place}",
    "received": "units of {product} that {holder} has received at {place}",
    "active": "units of {product} that {holder} runs at {place}",
    "retired": "units of {product} that {holder} has retired at {place}",
    "demand": "units of {product} that order {holder} is still to get",
    "supply": "units of {product} that came with lot {holder}",
    "booked": "units of {product} that order {holder} asked for",
    "opened": "units of {product} that {holder} began with at {place}",
    "swap": "units of {product} on their way in the swap of {holder}",
}
