"""Maximum flows that are kept while arcs grow wider."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.planning.widening import SINK, SOURCE, Widening

NODES = 6

arcs = st.lists(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1), st.integers(0, 7)),
    min_size=1,
    max_size=14,
).map(lambda rows: [row for row in rows if row[0] != row[1]])


def least_cut(rows) -> int:
    """Return the least room of all cuts, each tried."""
    inner = [node for node in range(NODES) if node not in (SOURCE, SINK)]
    cuts = (
        {SOURCE, *some} for count in range(len(inner) + 1) for some in combinations(inner, count)
    )
    return min(sum(room for a, b, room in rows if a in cut and b not in cut) for cut in cuts)


@settings(max_examples=150)
@given(st.lists(arcs, min_size=1, max_size=4))
def test_the_flow_is_the_least_cut_after_every_widening(steps):
    """However arcs grow, in how many steps, the flow is the least cut, and a copy stands alone."""
    rows = [row for step in steps for row in step]
    flow, total = Widening(NODES), 0
    numbers = [flow.arc(a, b) for a, b, _ in rows]
    begin = 0
    for step in steps:
        now = range(begin, begin + len(step))
        begin += len(step)
        before = flow.copy()
        flow.widen([numbers[i] for i in now], [rows[i][2] for i in now])
        total += flow.raise_all()
        assert least_cut(rows[:begin]) == total
        assert 0 == before.raise_all(), "a copy has what was there"
    assert 0 == flow.raise_all()
    assert all(room >= 0 for room in flow.room)
