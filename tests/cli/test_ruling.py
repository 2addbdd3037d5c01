"""`earmark plan --compare-rules`: who gets what under each rule, and what each costs."""

from pathlib import Path

from command import EXAMPLES, find_problems, read_json, run_earmark

from earmark.policy import SHARES

CLAIMS = Path(__file__).parents[1] / "cases/books/claims-200"
QUICKSTART = EXAMPLES / "quickstart"


def test_every_rule_gives_what_its_own_policy_gives():
    """The table has the awards of Aumann and Maschler, each as its policy alone plans them."""
    document = read_json("plan", CLAIMS, "--compare-rules")
    assert list(SHARES) == [rule["share"] for rule in document["rules"]]
    for rule in document["rules"]:
        if rule["share"] in ("proportional", "equal_losses", "talmud"):
            alone = read_json("plan", CLAIMS, "--policy", rule["share"])
            for one, other in zip(rule["parties"], alone["parties"], strict=True):
                assert one == {name: other[name] for name in one}
    talmud = document["rules"][-1]["parties"]
    assert {"one": 15000, "three": 22500, "two": 22500} == {
        row["party"]: row["granted"] for row in talmud
    }


def test_a_rule_costs_what_it_makes_wait_beyond_the_cheapest():
    """First come holds units back for who booked first; the rules that divide cost the same."""
    rules = {
        rule["share"]: rule for rule in read_json("plan", QUICKSTART, "--compare-rules")["rules"]
    }
    waits = {
        share: rule["totals"]["late_unit_days"] + rule["totals"]["unserved_unit_days"]
        for share, rule in rules.items()
    }
    assert {share: n - min(waits.values()) for share, n in waits.items()} == {
        share: rule["price_unit_days"] for share, rule in rules.items()
    }
    assert {0} == {
        rule["price_unit_days"] for share, rule in rules.items() if share != "first_come"
    }
    assert rules["first_come"]["price_unit_days"] > 0


def test_the_totals_of_a_rule_are_sums_over_its_parties():
    """Each figure under `totals` adds up the parties."""
    for rule in read_json("plan", QUICKSTART, "--compare-rules", "--policy", "fair")["rules"]:
        for name, total in rule["totals"].items():
            assert total == sum(row[name] for row in rule["parties"])


def test_the_table_names_every_rule():
    """Without --json there is one table, with a row per party and rule."""
    code, out, _ = run_earmark("plan", CLAIMS, "--compare-rules")
    assert 0 == code
    assert [4] * len(SHARES) == [out.count(f" {share} ") for share in SHARES]
    assert "22,500" in out


def test_no_grants_are_written_beside_it(tmp_path):
    """-o would have to write five plans: it is refused, and nothing is written."""
    code, _, err = run_earmark("plan", CLAIMS, "--compare-rules", "-o", tmp_path / "g.csv")
    assert (2, []) == (code, list(tmp_path.iterdir()))
    assert "--compare-rules" in err


def test_what_is_wrong_is_told_as_by_plan():
    """An unknown policy or a day after the end is wrong usage here, too."""
    assert 2 == run_earmark("plan", CLAIMS, "--compare-rules", "--policy", "fare")[0]
    assert 2 == run_earmark("plan", CLAIMS, "--compare-rules", "--as-of", "2010-01-01")[0]
    below = CLAIMS.parent / "ceiling-below-promise"
    assert find_problems("plan", below, "--compare-rules", "--policy", "capped", code=3)
