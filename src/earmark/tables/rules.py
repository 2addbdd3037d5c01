"""A file of rules that are laid over a book: TOML with the table `[approval]` alone."""

from pathlib import Path

from earmark.errors import BookError, Problem
from earmark.policy import ApprovalRules
from earmark.tables.approval_settings import APPROVAL
from earmark.tables.files import bytes_of
from earmark.tables.settings import check_settings
from earmark.tables.toml_files import settings_of_toml


def read_rules(path: str | Path) -> ApprovalRules:
    """Return the rules of approval in a file. Raises BookError with all that is wrong in it.

    UsageError when there is no such file, SurroundingsError where reading is not permitted.
    """
    place = Path(path)
    texts = settings_of_toml(bytes_of(place), place.name)
    if isinstance(texts, Problem):
        raise BookError([texts])
    problems = [
        Problem(
            "E412",
            f"a file of rules has no key {'.'.join(key)}",
            "book",
            None,
            ".".join(key),
            text,
            "it holds the table [approval] alone",
            place.name,
        )
        for key, text in texts.items()
        if key[0] != APPROVAL
    ]
    given = {key: text for key, text in texts.items() if key[0] == APPROVAL}
    settings, found = check_settings(given)
    problems += [
        Problem(
            problem.code, problem.message, problem.table, None, problem.column, problem.text,
            problem.hint, place.name,
        )
        for problem in found
        if problem.code != "E413"
    ]  # fmt: skip
    if not given:
        hint = "it holds the table [approval]"
        problems.append(
            Problem("E413", "expected [approval]", "book", hint=hint, source=place.name)
        )
    if problems or settings.approval is None:
        raise BookError(problems)
    return settings.approval
