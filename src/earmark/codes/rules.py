"""What the codes of the cross-checks mean: E21x references, E3xx rules, W6xx warnings."""

from collections.abc import Mapping
from types import MappingProxyType

from earmark.codes.catalogue import Code


def _code(code: str, title: str, why: str, example: str, mend: str) -> Code:
    return Code(code, title, f"{why}\n\nExample: {example}\n\nTo mend it: {mend}")


_CODES = (
    _code(
        "E210",
        "An id that its table does not have",
        "The cell names a row of another table, and no row with that key was known on the day "
        "asked. A book without the tables parties, products, sites or evidence may use such ids "
        "freely; once the table is there, it must have them all.",
        "orders.csv names site memphsi, and sites.csv has only memphis.",
        "correct the id, add the row, or ask for a day on which the row was known.",
    ),
    _code(
        "E211",
        "Evidence that is not there",
        "The column evidence lists ids of documents, with ; between them, and the table evidence "
        "has no row for one of them.",
        "evidence is mail-1;mail-2, and evidence.csv has only mail-1.",
        "correct the id or add the document.",
    ),
    _code(
        "E212",
        "A move in return for itself",
        "in_return_for ties a move to another one, so that both are judged by their sum.",
        "move m7 has in_return_for m7.",
        "name the move on the other side of the swap, or clear the cell.",
    ),
    _code(
        "E213",
        "A policy names nobody",
        "Weights, ceilings and quotas of a policy are given by party or group, and the table "
        "parties has neither a party nor a group of that name.",
        "weights = { makr = 2 } where the party is called maker.",
        "correct the name, or add the party.",
    ),
    _code(
        "E214",
        "A group and a party of one name",
        "Weights and ceilings name either, so a name can only stand for one of them.",
        "the party net belongs to a group that is called net too.",
        "rename the group, or leave the group empty if the party stands alone.",
    ),
    _code(
        "E216",
        "Quotas of more than all",
        "The percentages and ratios of a policy's quotas add up to more than the whole, over its "
        "parties or over its groups. A group and its own parties are not added up.",
        'quotas = { east = "60%", west = "50%" }.',
        "lower them, or write numbers of units, which may add up to more than there is.",
    ),
    _code(
        "E217",
        "Quotas of a group that cannot be lent",
        "Where a quota of a group, or of one of its parties, is lent or borrowed on, every unit of "
        "the group has one owner: each party of the group has a quota, or none has; all are "
        "numbers of units, or all are parts; and together they are at most the group's own.",
        'quotas = { west = "50%", a = "30%", b = "30%" } with borrow = { a = { rank = 1 } }, where '
        "a and b are the parties of west.",
        "give every party of the group a quota, and the group at least as much as all of them.",
    ),
    _code(
        "E215",
        "A transfer and a lot of one name",
        "Units that a transfer brings to an order meet it like a lot of their own. In grants the "
        "name of the move stands where that of a lot would, so it can only be one of them.",
        "the lot june is supplied, and a transfer to an order is called june too.",
        "rename the move or the lot.",
    ),
    _code(
        "E310",
        "Due outside the book",
        "The book covers the days from its start up to, but not including, its end. An order "
        "that is due at the end or later cannot be planned. One that is due before the start "
        "can: it is late from its due day on.",
        "the book ends on 2025-01-01, and an order is due on that day.",
        "move the end of the book, correct the day, or leave the order out.",
    ),
    _code(
        "E311",
        "A day outside its own range",
        "date_early, date and date_late must follow each other.",
        "date is 2024-03-01 and date_early 2024-04-01.",
        "correct the day that is out of order, or clear date_early or date_late.",
    ),
    _code(
        "E312",
        "A quantity outside its own range",
        "quantity_low, quantity and quantity_high must not fall.",
        "quantity is 1000 and quantity_high 900.",
        "correct the quantity that is out of order, or clear quantity_low or quantity_high.",
    ),
    _code(
        "E313",
        "More promised than ordered",
        "promised units are part of the order's quantity.",
        "quantity is 800 and promised 1000.",
        "raise the quantity or lower what is promised.",
    ),
    _code(
        "E314",
        "A stake that ends before it begins",
        "A stake is held from the day `from` up to, but not including, the day `until`.",
        "from is 2024-06-01 and until 2024-06-01.",
        "correct one of the days, or clear until if the stake is still held.",
    ),
    _code(
        "E315",
        "A stake in oneself",
        "holder and held must be two parties.",
        "holder maker, held maker.",
        "correct one of them.",
    ),
    _code(
        "E316",
        "More than all of a company",
        "The stakes held in one company on one day come to more than 100 percent.",
        "60 percent held by a, and from 2024-01-01 on 50 percent held by b.",
        "give the day on which the earlier stake ends (until), or correct the percentages.",
    ),
    _code(
        "E320",
        "More than is pegged",
        "A redirect or release takes units that are pegged (earmarked, shipped, received or "
        "active) to the order, and fewer were pegged after all moves of the day. Moves that are "
        "tied by in_return_for are judged when the last of them is in.",
        "900 units of a lot are earmarked for an order, and 1000 are redirected from it.",
        "take less, record the earmark that is missing, or tie the two sides of a swap.",
    ),
    _code(
        "E321",
        "More pegged than the lot has",
        "The units pegged from one lot, to all orders together, come to more than its quantity.",
        "a lot of 1000 is earmarked for two orders, 600 each.",
        "peg less, release some first, or raise the quantity of the lot.",
    ),
    _code(
        "E322",
        "More pegged than the order has",
        "The units pegged to one order, from all lots and by transfers to it, come to more than "
        "its quantity.",
        "500 units are redirected to an order of 800 that has 400 already.",
        "peg less, raise the quantity of the order, or tie the redirect to the one that makes "
        "room.",
    ),
    _code(
        "E323",
        "More than runs there",
        "A retirement or transfer takes units that the party runs of the product at the site: "
        "openings, units moved in, and units received or active there for its orders. There were "
        "fewer.",
        "an opening of 1000, and a transfer of 1200 to another site.",
        "take less, or record the opening, receipt or transfer that is missing.",
    ),
    _code(
        "E324",
        "Drawn from a move that is no earmark",
        "`draws` names the earmark that a move resolves. Other moves hold nothing.",
        "a ship that draws a redirect.",
        "name the earmark, or clear draws: the move then takes from all that is pegged.",
    ),
    _code(
        "E325",
        "Drawn from an earmark of something else",
        "A move draws an earmark of its own lot and its own order.",
        "a ship of lot l1 for order o1 that draws an earmark of lot l2.",
        "name an earmark of that lot and order, or correct the lot or the order.",
    ),
    _code(
        "E326",
        "An earmark that is drawn twice",
        "An earmark is drawn (or released) by name once: what the move does not take goes back to "
        "the lot.",
        "600 of an earmark of 1000 are shipped by name, and then another 200.",
        "ship what follows without draws, after pegging it again.",
    ),
    _code(
        "E327",
        "Drawn from an earmark that does not hold then",
        "An earmark holds from its date up to, but not including, the day `until`.",
        "an earmark until 2024-03-01, and a ship on that day that draws it.",
        "correct one of the days, or clear draws.",
    ),
    _code(
        "E328",
        "Not what the earmark has",
        "A move draws at most what the earmark it names still has; a release by name gives back "
        "all of it.",
        "an earmark of 1000, of which 200 were redirected, and a ship of 900 that draws it.",
        "draw what is left of it.",
    ),
    _code(
        "E329",
        "A hold that ends before it begins",
        "An earmark holds from its date up to, but not including, the day `until`.",
        "date is 2024-06-01 and until 2024-06-01.",
        "correct one of the days, or clear until if nothing ends it.",
    ),
    _code(
        "E330",
        "A move lacks a column",
        "Each kind of move needs its own columns: opening and retire party and product; earmark, "
        "release, ship, receive and activate lot and order; redirect order and to_order; transfer "
        "party, product and site.",
        "a redirect without to_order.",
        "fill in the cell.",
    ),
    _code(
        "E331",
        "A move has a column that its kind does not use",
        "What a move does not use would be read and ignored, so it is refused.",
        "an earmark with a to_order.",
        "clear the cell, or change the kind of the move.",
    ),
    _code(
        "E332",
        "A transfer to one place",
        "A transfer goes either to a site of the same party (to_site) or to an order (to_order).",
        "a transfer with both, or with neither.",
        "give one of the two; split the move if both get some.",
    ),
    _code(
        "E333",
        "Two products in one move",
        "Lots and orders meet only if they are of one product, and units keep theirs.",
        "an earmark of a lot of h200 for an order of h100.",
        "name a lot or an order of the same product.",
    ),
    _code(
        "E334",
        "A move to where the units are",
        "A redirect leads to another order, and a transfer to another site.",
        "a redirect from order o1 to order o1.",
        "correct one of the two.",
    ),
    _code(
        "E335",
        "An assertion that does not hold",
        "At the end of the day that an assertion names, the units in that state, of the lot, order,"
        " party, product and site that it names, have to be exactly as many as it says.",
        "6000 earmarked of a lot on 2024-02-01, when 5000 were.",
        "look for the move that is missing, doubled or wrong before that day; or correct the "
        "assertion.",
    ),
    _code(
        "E336",
        "An assertion has a column that its state does not use",
        "Supplied units are those of a lot; received, active and retired ones those of a party at a"
        " site; demand is an order's.",
        "units active at a site, of one lot: once they run, units are alike.",
        "clear the cell, or name another state.",
    ),
    _code(
        "E350",
        "Not one factor per product",
        "`factors` says of each product of an order how many units of the order one unit of it "
        "counts for, in the order of the products.",
        "product is a100;h100 and factors is 2.",
        "write one factor per product, `;` between, or clear the cell: then each counts for one.",
    ),
    _code(
        "E351",
        "No factor is 1",
        "An order is counted in units of one of its products, so that no part of it is less than "
        "a unit of any.",
        "product is h100;b200 and factors is 2;4.",
        "count the order in units of the smallest product: half the quantity, and factors 1;2.",
    ),
    _code(
        "E352",
        "A split between one site",
        "`split` says whether several sites may share an order; this one does not name several.",
        "site is memphis and split is no.",
        "name the sites, best first, with ; between, or clear the cell.",
    ),
    _code(
        "E353",
        "Options beside a rule of the order",
        "An order that names several products or sites cannot have min_ship, max_late_days, "
        "together or confirm in this version. It is refused rather than ignored.",
        "product is h100;h200 and min_ship is 8.",
        "name one product and one site, or clear the rule.",
    ),
    _code(
        "E354",
        "Units at one of several sites",
        "Units that are received or active stand at the site of their order, and the order names "
        "several sites.",
        "a move of the kind receive for an order whose site is memphis;austin.",
        "put the order down anew with the site that has the units, and what is to go elsewhere as "
        "an order of its own.",
    ),
    _code(
        "W601",
        "A lot after the end",
        "The book covers the days up to, but not including, its end; a lot on or after it is "
        "left out of every plan.",
        "the book ends on 2025-01-01, and the lot comes on 2025-02-01.",
        "move the end of the book if the lot matters; otherwise nothing.",
    ),
    _code(
        "W602",
        "More runs than has power",
        "The readiness of the site is below what runs there. There is no room for more, and the "
        "units without power count as idle.",
        "an opening of 1000 at a site that is ready for 800.",
        "correct the readiness or the opening, if one is wrong.",
    ),
    _code(
        "W603",
        "A product without power",
        "The site has rows of readiness, each for another product. So it has no power for this "
        "one.",
        "readiness of a site for h100 alone, and an order of h200 there.",
        "add readiness for the product, or one row without a product for all together.",
    ),
    _code(
        "W604",
        "A move after the end",
        "The move is dated at or after the end of the book. Pegs count all the same, as the days "
        "of moves do not delay grants; units that run do not change inside the book.",
        "the book ends on 2025-01-01, and units are retired on 2025-03-01.",
        "move the end of the book if the move matters; otherwise nothing.",
    ),
    _code(
        "W605",
        "Booked after it was due",
        "The order was booked only after its due day, and is late from the due day on.",
        "due 2024-03-01, booked 2024-05-01.",
        "correct one of the days, if one is wrong.",
    ),
    _code(
        "W606",
        "A claim about the past",
        "The deadline of the claim lies before the day on which it was made. A statement may speak"
        " of what already was; a promise cannot.",
        "date is 2024-06-04 and deadline 2023-12-31.",
        "correct one of the days, if one is wrong.",
    ),
)

RULE_CODES: Mapping[str, Code] = MappingProxyType({code.code: code for code in _CODES})
"""The codes of the cross-checks."""
