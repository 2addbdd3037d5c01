"""What parties get today of sites that are short, as a flow found by augmenting paths."""

from collections import deque
from collections.abc import Sequence

import numpy as np

from earmark.planning.levels import Reals, real_sums

Amount = float


class Network:
    """Today's units on their way from parties through classes to short sites.

    `flow[g]` is what class g gets today, at most `most[g]`; `left[n]` is what site n has left. A
    class without sites is limited by `most` alone. Works on whole numbers and on reals; less than
    `grain` counts as nothing.
    """

    def __init__(
        self,
        party_of: Sequence[int],
        sites: Sequence[Sequence[int]],
        most: Sequence[Amount],
        left: dict[int, Amount],
        parties: int,
        grain: Amount,
    ) -> None:
        """Begin with nothing given."""
        self.party_of, self.sites, self.most = party_of, sites, most
        self.left, self.grain = left, grain
        self.flow: list[Amount] = [0] * len(party_of)
        self.classes: list[list[int]] = [[] for _ in range(parties)]
        self.users: dict[int, list[int]] = {}
        for g, p in enumerate(party_of):
            self.classes[p].append(g)
            for n in sites[g]:
                self.users.setdefault(n, []).append(g)

    @property
    def totals(self) -> Reals:
        """What each party gets today."""
        return real_sums(np.array(self.party_of), np.array(self.flow), len(self.classes))

    def push(self, party: int, amount: Amount) -> Amount:
        """Give `party` up to `amount` more; return how much it got."""
        got: Amount = 0
        while amount - got > self.grain:
            path = self.path(party)
            if path is None:
                break
            got += self._augment(path, amount - got)
        return got

    def path(self, party: int) -> list[tuple[int, int]] | None:
        """Return (class, +1 or -1) steps from the party to room, fewest first; None if none."""
        back: dict[int, tuple[int, int] | None] = {}
        queue: deque[int] = deque()
        for g in self.classes[party]:
            if self.most[g] - self.flow[g] > self.grain:
                back[g] = None
                queue.append(g)
        while queue:
            g = queue.popleft()
            full = [n for n in self.sites[g] if self.left[n] <= self.grain]
            if not full:
                return self._trace(back, g)
            # What another class got today in every full site of g can make room, if that class's
            # party can be served by another of its classes.
            for other in self.users[full[0]]:
                if self.flow[other] <= self.grain:
                    continue
                if any(n not in self.sites[other] for n in full):
                    continue
                for instead in self.classes[self.party_of[other]]:
                    if instead not in back and self.most[instead] - self.flow[instead] > self.grain:
                        back[instead] = (g, other)
                        queue.append(instead)
        return None

    def _trace(self, back: dict[int, tuple[int, int] | None], g: int) -> list[tuple[int, int]]:
        steps = [(g, 1)]
        while (via := back[g]) is not None:
            g, other = via
            steps += [(other, -1), (g, 1)]
        return steps

    def _augment(self, path: list[tuple[int, int]], amount: Amount) -> Amount:
        net: dict[int, int] = {}
        use: dict[int, int] = {}
        for g, sign in path:
            net[g] = net.get(g, 0) + sign
            for n in self.sites[g]:
                use[n] = use.get(n, 0) + sign
        for g, sign in net.items():
            if sign:
                amount = min(amount, self.most[g] - self.flow[g] if sign > 0 else self.flow[g])
        for n, sign in use.items():
            if sign > 0:
                amount = min(amount, self.left[n])
        # A shortest path passes no class and no site with room twice: what served it the first
        # time would have served it then.
        assert all(abs(sign) <= 1 for sign in (*net.values(), *use.values()))
        for g, sign in net.items():
            self.flow[g] += sign * amount
        for n, sign in use.items():
            self.left[n] -= sign * amount
        return amount
