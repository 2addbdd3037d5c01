"""Claims rules by bisection: what each claimant gets of one pool, from the definition of each rule.

Only formulas for one claimant at one level stand here; the level is found by halving.
"""

from collections.abc import Mapping, Sequence

STEPS = 200


def level_of(rule: str, claim: float, weight: float, amount: float, most: float) -> float:
    """Return how well served a claimant is that has `amount`: the more, the better.

    `most` is at least the largest of all half claims, divided or multiplied by their weights.
    """
    if rule == "max_min":
        return amount / weight
    if rule == "proportional":
        return amount / (weight * claim) if claim else 1.0
    if rule == "equal_losses":
        return -(claim - amount) * weight
    if amount <= claim / 2:
        return amount / weight
    return 2 * most - (claim - amount) * weight


def divide(
    rule: str,
    claims: Sequence[float],
    weights: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    pool: float,
) -> list[float]:
    """Return what each gets: at one level of all, but not below `low` nor above `high`."""
    most = max((max(c * w, c / w) for c, w in zip(claims, weights, strict=True)), default=0.0)

    def at(level: float) -> list[float]:
        return [
            min(max(_amount(rule, c, w, level, most), a), b)
            for c, w, a, b in zip(claims, weights, low, high, strict=True)
        ]

    bottom, top = -2 * most - 1, 2 * most + 2
    if sum(high) <= pool:
        return list(high)
    for _ in range(STEPS):
        middle = (bottom + top) / 2
        if sum(at(middle)) <= pool:
            bottom = middle
        else:
            top = middle
    return at(bottom)


def _amount(rule: str, claim: float, weight: float, level: float, most: float) -> float:
    if rule == "max_min":
        return level * weight
    if rule == "proportional":
        return level * weight * claim
    if rule == "equal_losses":
        return claim + level / weight
    return (
        min(level * weight, claim / 2)
        if level <= most
        else max(claim / 2, claim - (2 * most - level) / weight)
    )


def levels(
    rule: str, claims: Mapping[str, float], weights: Mapping[str, float], held: Mapping[str, float]
) -> dict[str, float]:
    """Return the level of each claimant that has `held`."""
    most = max(
        (max(c * weights[name], c / weights[name]) for name, c in claims.items()), default=0.0
    )
    return {name: level_of(rule, claims[name], weights[name], held[name], most) for name in claims}
