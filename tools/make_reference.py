"""Write docs/reference from the code: commands, tables, policies and error codes.

    python tools/make_reference.py

Meanings of columns and keys stand in tools/meanings.toml; all else is read from the code itself.
tools/check_reference.py fails where what is committed is not what this would write.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from earmark.checks.moves import KIND_RULES
from earmark.cli import COMMANDS, commands
from earmark.codes import CODES
from earmark.policy import (
    BUILT_IN,
    QUOTAS_OF,
    ROUNDS,
    SHARES,
    SHIPS,
    TIERS,
    VALUES,
    ApprovalRules,
    Policy,
    approval_texts,
)
from earmark.schema import COMMON, LATER_TABLES, SCHEMA, Column, TableSchema
from earmark.tables.approval_settings import APPROVAL_KEYS
from earmark.tables.settings import KEYS, REQUIRED

PROJECT = Path(__file__).resolve().parent.parent
FOLDER = PROJECT / "docs" / "reference"
MEANINGS = Path(__file__).with_name("meanings.toml")

CHOICES: Mapping[str, Sequence[str]] = {
    "tiers": TIERS,
    "share": SHARES,
    "ship": SHIPS,
    "round": ROUNDS,
    "quota_of": QUOTAS_OF,
    "value": VALUES,
}
"""The values of those keys of a policy that have a few."""

KINDS = {
    "id": "id",
    "ids": "ids, `;` between",
    "options": "id, or ids with `;` between",
    "factors": "whole numbers, `;` between",
    "text": "text",
    "integer": "whole number",
    "decimal": "decimal number",
    "date": "date",
    "choice": "choice",
}
"""Kinds of columns in words."""

MADE = "<!-- Written by tools/make_reference.py; do not edit. -->"


def main() -> int:
    """Write every page; return the exit code."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


def pages() -> Mapping[str, str]:
    """Return the text of every generated page by file name.

    Raise KeyError naming what has no meaning in tools/meanings.toml, or has one and is not there.
    """
    meanings = tomllib.loads(MEANINGS.read_text(encoding="utf-8"))
    return {
        "commands.md": _page("Commands", _commands()),
        "tables.md": _page("Tables", _tables(meanings)),
        "policies.md": _page("Settings and policies", _policies(meanings)),
        "errors.md": _page("Errors and warnings", _errors()),
    }


def _page(title: str, lines: Iterable[str]) -> str:
    return "\n".join([MADE, "", f"# {title}", "", *lines]).rstrip() + "\n"


# Commands


def _commands() -> Iterator[str]:
    yield "From a clone, write `python3 x.py earmark` for `earmark`."
    yield ""
    yield from _listed(f"[`{name}`](#earmark-{name}): {line}" for name, line in COMMANDS.items())
    yield "Exit codes: 0 fine; 1 a finding, that is anything wrong inside a named book; 2 wrong"
    yield "usage, or a path that does not exist; 3 no plan can satisfy the rules; 4 the environment"
    yield "failed (disk full, no permission)."
    yield ""
    yield "Results go to stdout; warnings, hints and progress go to stderr. `-h` or `--help` after"
    yield "any command says what it takes, `earmark --version` prints the version."
    yield ""
    context = click.Context(commands, info_name="earmark")
    for name in COMMANDS:
        command = commands.get_command(context, name)
        assert command is not None, name
        yield from _command(command, click.Context(command, info_name=name, parent=context))


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    yield f"## earmark {context.info_name}"
    yield ""
    yield from (*(command.help or "").splitlines(), "")
    yield f"    {context.command_path} {' '.join(command.collect_usage_pieces(context))}"
    yield ""
    yield "| option | meaning |"
    yield "|---|---|"
    for option in command.get_params(context):
        if isinstance(option, click.Option) and "--help" not in option.opts:
            yield _row(f"`{_option(option, context)}`", _help(option))
    yield ""


def _option(option: click.Option, context: click.Context) -> str:
    names = ", ".join(option.opts)
    return names if option.is_flag else f"{names} {option.make_metavar(context)}"


def _help(option: click.Option) -> str:
    also = " (required)" if option.required else " (repeatable)" if option.multiple else ""
    return (option.help or "") + also


# Tables


def _tables(meanings: Mapping[str, Any]) -> Iterator[str]:
    said = meanings["tables"]
    _same("tables", SCHEMA, said)
    yield "A book is a folder of CSV files beside a `book.toml`, or one `.xlsx` workbook with a"
    yield "sheet per table and a sheet `book`. Only the tables that it needs are there. How cells"
    yield "are read is in [files.md](../files.md); settings and policies are in"
    yield "[policies.md](policies.md)."
    yield ""
    yield from _listed(f"[`{name}`](#{name}): {said[name]}" for name in SCHEMA)
    yield f"Refused by name until they are built: the tables {_codes(LATER_TABLES)}; in `orders`"
    yield "several products."
    yield ""
    yield "## Columns of every table"
    yield ""
    yield from _columns(COMMON, meanings["common"], "common")
    for table in SCHEMA.values():
        yield from _table(table, said[table.name], meanings[table.name])
        if table.name == "moves":
            yield from _move_kinds(meanings["move_kinds"])


def _table(table: TableSchema, what: str, meanings: Mapping[str, str]) -> Iterator[str]:
    common = {column.name for column in COMMON}
    keys = {column.name for column in table.columns[:1]}
    yield f"## {table.name}"
    yield ""
    yield f"{what} Key: {_codes(table.key)}."
    yield ""
    own = [column for column in table.columns if column.name not in common or column.name in keys]
    yield from _columns(own, meanings, table.name)


def _columns(columns: Sequence[Column], meanings: Mapping[str, str], where: str) -> Iterator[str]:
    _same(where, [column.name for column in columns], meanings)
    yield "| column | holds | default | refers to | meaning |"
    yield "|---|---|---|---|---|"
    for column in columns:
        yield _row(
            f"`{column.name}`{' *' if column.required else ''}",
            _holds(column),
            f"`{column.default}`" if column.default not in (None, ()) else "",
            f"[{column.refers_to}](#{column.refers_to})" if column.refers_to else "",
            meanings[column.name],
        )
    yield ""
    if any(column.required for column in columns):
        yield "\\* required"
        yield ""


def _holds(column: Column) -> str:
    if column.kind == "choice":
        return "one of " + ", ".join(f"`{choice}`" for choice in column.choices)
    least = f", {column.least} or more" if column.least else ""
    most = f", at most {column.most}" if column.most and column.most < 1000 else ""
    return KINDS[column.kind] + least + most


def _move_kinds(meanings: Mapping[str, str]) -> Iterator[str]:
    _same("move_kinds", KIND_RULES, meanings)
    yield "| kind | needs | may have | meaning |"
    yield "|---|---|---|---|"
    for kind, rule in KIND_RULES.items():
        either = [" or ".join(f"`{name}`" for name in rule.one_of)] if rule.one_of else []
        needs = ", ".join([*(f"`{name}`" for name in rule.needs), *either])
        yield _row(f"`{kind}`", needs, _codes(rule.may), meanings[kind])
    yield ""


# Policies


def _policies(meanings: Mapping[str, Any]) -> Iterator[str]:
    yield "## Settings"
    yield ""
    yield "They stand in `book.toml`, or in the sheet `book` of a workbook."
    yield ""
    _same("settings", KEYS, meanings["settings"])
    yield "| key | meaning |"
    yield "|---|---|"
    for key in KEYS:
        yield _row(f"`{key}`{' *' if key in REQUIRED else ''}", meanings["settings"][key])
    yield ""
    yield "\\* required"
    yield ""
    yield from _approval(meanings["approval"])
    yield "## Policies"
    yield ""
    yield "A policy is the stated rule by which a plan divides what is scarce. `policy` in"
    yield "`book.toml` names the book's own, `--policy` another. Keys left out take the default."
    yield ""
    yield "    [policy.board]"
    yield '    tiers = "order"'
    yield "    weights = { maker = 2 }"
    yield ""
    yield "In a workbook the sheet `book` has rows such as `policy.board.tiers`, `order`."
    yield ""
    keys = [name for name in Policy.__slots__ if name != "name"]
    _same("policy", keys, meanings["policy"])
    values = meanings["policy_values"]
    yield "| key | default | meaning |"
    yield "|---|---|---|"
    for key in keys:
        default = f"`{CHOICES[key][0]}`" if key in CHOICES and key != "value" else ""
        if key == "count_promised":
            default = "`false`"
        if key == "share":
            default += '; with `tiers = "booked"`: `first_come`'
        yield _row(f"`{key}`", default, meanings["policy"][key])
    yield ""
    for key, choices in CHOICES.items():
        _same(f"policy_values.{key}", choices, values[key])
        yield f"### {key}"
        yield ""
        yield "| value | meaning |"
        yield "|---|---|"
        yield from (_row(f"`{choice}`", values[key][choice]) for choice in choices)
        yield ""
    yield "## Built in"
    yield ""
    _same("built_in", BUILT_IN, meanings["built_in"])
    yield "| policy | tiers | share | meaning |"
    yield "|---|---|---|---|"
    for name, policy in BUILT_IN.items():
        rules = ("", "") if policy.value else (f"`{policy.tiers}`", f"`{policy.share}`")
        row = (f"`{name}`", *rules, meanings["built_in"][name])
        yield _row(*row)
    yield ""


def _approval(meanings: Mapping[str, str]) -> Iterator[str]:
    yield "## Approvals"
    yield ""
    yield "`[approval]` says when a redirect needs an approval, and whose. How it is judged is in"
    yield "[approvals.md](../approvals.md)."
    yield ""
    yield "    [approval]"
    yield "    units = 1000"
    yield '    approvers = ["Audit committee", "fund"]'
    yield ""
    yield "    [approval.declared]"
    yield '    "one chief decision maker" = ["maker", "net"]'
    yield ""
    yield "In a workbook the sheet `book` has rows such as `approval.approvers`,"
    yield "`Audit committee; fund`, and `approval.declared.one chief decision maker`, `maker; net`."
    yield ""
    _same("approval", APPROVAL_KEYS, meanings)
    yield "| key | default | meaning |"
    yield "|---|---|---|"
    given = {path[1]: value for path, value in approval_texts(ApprovalRules())}
    for key in APPROVAL_KEYS:
        default = given.get(key, "")
        text = ";".join(default) if isinstance(default, tuple) else str(default)
        yield _row(f"`{key}`", f"`{text}`" if text else "", meanings[key])
    yield ""


# Errors


def _errors() -> Iterator[str]:
    yield "`earmark explain E102` prints the same words. Codes that begin with E are errors, those"
    yield "with W are warnings. A code keeps its meaning."
    yield ""
    yield "| code | title |"
    yield "|---|---|"
    yield from (_row(f"[{code}](#{code.lower()})", found.title) for code, found in CODES.items())
    yield ""
    for code, found in CODES.items():
        yield from (f"## {code}", "", f"**{found.title}.**", "")
        yield from (found.explanation, "")


# Small parts


def _same(where: str, there: Iterable[str], said: Iterable[str]) -> None:
    missing, spare = set(there) - set(said), set(said) - set(there)
    if missing or spare:
        raise KeyError(f"tools/meanings.toml [{where}]: missing {missing}, not there {spare}")


def _row(*cells: str) -> str:
    return "| " + " | ".join(re.sub(r"(?<!\\)\|", r"\\|", cell) for cell in cells) + " |"


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _listed(lines: Iterable[str]) -> Iterator[str]:
    yield from (f"- {line}" for line in lines)
    yield ""


if __name__ == "__main__":
    sys.exit(main())
