"""`earmark plan --compare-rules`: one book planned under every sharing rule."""

from dataclasses import replace
from typing import Any

import click

from earmark.amounts import number
from earmark.answer import Question, answer
from earmark.book import Book
from earmark.cli.asking import Asked, check_as_of, policy_of, progress
from earmark.cli.problems import warn
from earmark.compare.rules import compare_rules
from earmark.errors import Problem
from earmark.policy import SHARES
from earmark.report import Document, rules_document, to_json


def compare_and_tell(
    book: Book,
    asked: Asked,
    policy: str | None,
    warnings: tuple[Problem, ...],
    *,
    as_json: bool,
) -> None:
    """Plan under every rule with the tiers of the policy, and print who gets what under each."""
    check_as_of(book, asked)
    document = _document(book, asked, policy, warnings)
    if as_json:
        click.echo(to_json(document), nl=False)
        return
    warn(warnings)
    _show(document)


def _document(
    book: Book, asked: Asked, name: str | None, warnings: tuple[Problem, ...]
) -> Document:
    policy = policy_of(book, name)
    plans = {}
    for share in SHARES:
        with progress(f"Planning under {share}"):
            rules = replace(policy, share=share)
            said = answer(book, Question(rules, asked.known, asked.as_of, asked.include))
            plans[share] = said.plan, said.outcome
    return rules_document(
        said.book,
        policy,
        compare_rules(plans),
        digest=said.digest,
        known=asked.known,
        as_of=said.as_of,
        warnings=warnings,
    )


def _show(document: Document) -> None:
    from earmark.cli.terminal import blank_table, open_console
    from earmark.cli.width import print_table

    console = open_console()
    rules = document["rules"]
    table = blank_table(
        "party", "rule", "asked", "granted", "late\nGPU-days", "unserved\nGPU-days",
        "costs\nGPU-days", left=(0, 1),
    )  # fmt: skip
    for place, party in enumerate(rules[0]["parties"]):
        for rule in rules:
            first = rule is rules[0]
            row = rule["parties"][place]
            table.add_row(party["party"] if first else "", rule["share"], *_figures(row), "")
        table.add_section()
    for rule in rules:
        first = rule is rules[0]
        price = number(rule["price_unit_days"])
        table.add_row("all" if first else "", rule["share"], *_figures(rule["totals"]), price)
    print_table(console, table)
    console.print(
        f"Policy {document['policy']} with its tiers ({document['tiers']}), under every rule; "
        f"its own is {document['share']}. Costs: late and unserved GPU-days beyond the rule that "
        "has fewest. Each plan is audited.",
        soft_wrap=True,
    )


def _figures(row: dict[str, Any]) -> list[str]:
    names = ("quantity", "granted", "late_unit_days", "unserved_unit_days")
    return [number(row[name]) for name in names]
