"""What holds for every comparison, however it is made; a broken law is our own error."""

from collections.abc import Mapping
from decimal import Decimal

from earmark.compare.alignment import Grants, Names
from earmark.compare.comparison import Comparison, Pair, Side, calendars_of
from earmark.compare.flows import NOBODY, Flows
from earmark.outcome.money import add_money
from earmark.sums import sum_by


def check_conservation(
    comparison: Comparison, names: Names, grants: Pair[Grants], flows: Flows
) -> None:
    """Raise AssertionError, naming the law, if units, unit-days or money appear or vanish."""
    _check_parties(comparison)
    _check_flows(comparison, names, grants, flows)
    _check_lots(comparison.a, "a")
    _check_lots(comparison.b, "b")


def _check_parties(comparison: Comparison) -> None:
    """Check what holds for each party and for all together, however a comparison is made."""
    for change in (*comparison.parties, comparison.totals):
        who = change.party or "totals"
        received, idle = change.received_unit_days, change.idle_unit_days
        active = change.active_unit_days
        for side in ("a", "b"):
            split = getattr(active, side) + getattr(idle, side)
            assert getattr(received, side) == split, f"received is active and idle: {who}, {side}"
        lost = change.active_unit_days_lost + idle.a - idle.b
        assert lost == received.a - received.b, f"what is lost was received: {who}"
    values = Pair(_values(comparison.a), _values(comparison.b))
    for change in comparison.parties:
        assert change.party is not None
        before, after = (side.get(change.party, Decimal(0)) for side in (values.a, values.b))
        for calendar in calendars_of(comparison.a.book, comparison.b.book):
            moved = [r.value for r in change.receipts_moved if r.calendar == calendar]
            total = add_money((*moved, before)) or Decimal(0)
            assert after == total, f"receipts by period add up: {change.party}, {calendar}"


def _values(side: Side) -> Mapping[str, Decimal]:
    values = zip(side.outcome.parties, side.outcome.party_figures.value, strict=True)
    return {party: value for party, value in values if value is not None}


def _check_flows(comparison: Comparison, names: Names, grants: Pair[Grants], flows: Flows) -> None:
    """Check that units are neither made nor lost on the way from one order to another."""
    sizes = len(names.orders), len(names.lots)
    change = [
        sum_by(grants.b.order, grants.b.quantity, sizes[0])
        - sum_by(grants.a.order, grants.a.quantity, sizes[0]),
        sum_by(grants.b.lot, grants.b.quantity, sizes[1])
        - sum_by(grants.a.lot, grants.a.quantity, sizes[1]),
    ]
    new, gone = flows.loser == NOBODY, flows.gainer == NOBODY
    orders = sum_by(flows.gainer[~gone], flows.quantity[~gone], sizes[0])
    orders -= sum_by(flows.loser[~new], flows.quantity[~new], sizes[0])
    assert (change[0] == orders).all(), "an order has what it had, less lost, plus gained"
    lots = sum_by(flows.lot[new], flows.quantity[new], sizes[1])
    lots -= sum_by(flows.lot[gone], flows.quantity[gone], sizes[1])
    assert (change[1] == lots).all(), "units of a lot come from it and stay in it"
    named = sum(flow.quantity for order in comparison.orders for flow in order.gained)
    assert named == flows.quantity[~gone].sum(), "every gain is named"


def _check_lots(side: Side, label: str) -> None:
    granted = sum_by(side.schedule.lot, side.schedule.quantity, len(side.schedule.lots))
    lots = dict(zip(side.book.lots.column("lot"), side.book.lots.column("quantity"), strict=True))
    moved = dict(
        zip(side.book.moves.column("move"), side.book.moves.column("quantity"), strict=True)
    )
    for lot, units in zip(side.schedule.lots, granted.tolist(), strict=True):
        most = lots.get(lot, 0) + moved.get(lot, 0)
        assert units <= most, f"{units} units granted of lot {lot} of {most}, in {label}"
