"""Units of one day on their way from parties through classes to sites, by augmenting paths."""

from collections import deque
from collections.abc import Sequence

from earmark.planning.levels import Reals
from earmark.schedule import Ints

Amount = float


class Network:
    """Units of one day on their way from parties through classes to sites.

    `flow[g]` is what class g has; it can fall to `held[g]`. Works on whole numbers and on reals.
    """

    def __init__(self, party_of: Sequence[int], path: Ints, parties: int) -> None:
        """Keep who owns which class and the (up to two) sites that each class passes."""
        self.party_of = list(party_of)
        self.classes: list[list[int]] = [[] for _ in range(parties)]
        for g, p in enumerate(self.party_of):
            self.classes[p].append(g)
        self.sites = [[int(n) for n in row[:2] if n >= 0] for row in path]
        self.users: dict[int, list[int]] = {}
        for g, sites in enumerate(self.sites):
            for n in sites:
                self.users.setdefault(n, []).append(g)
        self.flow: list[Amount] = [0] * len(self.party_of)
        self.held: list[Amount] = [0] * len(self.party_of)
        self.most: list[Amount] = [0] * len(self.party_of)
        self.left: dict[int, Amount] = {}
        self.grain: Amount = 0

    def open_day(self, held: Sequence[Amount], most: Sequence[Amount], room: Ints | Reals) -> None:
        """Begin a day: what is held, what each class could use, what each site can power."""
        self.held, self.flow, self.most = list(held), list(held), list(most)
        self.left = {n: room[n] - sum(held[g] for g in users) for n, users in self.users.items()}

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
            # What another class took today in every full site of g can make room, if that class's
            # party can be served by another of its classes.
            for other in self.users[full[0]]:
                if self.flow[other] - self.held[other] <= self.grain:
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
                spare = self.most[g] - self.flow[g] if sign > 0 else self.flow[g] - self.held[g]
                amount = min(amount, spare)
        for n, sign in use.items():
            if sign > 0:
                amount = min(amount, self.left[n])
        # A shortest path passes no class and no site with room twice: what served it the first time
        # would have served it then.
        assert all(abs(sign) <= 1 for sign in (*net.values(), *use.values()))
        for g, sign in net.items():
            self.flow[g] += sign * amount
        for n, sign in use.items():
            self.left[n] -= sign * amount
        return amount
