"""Fail when docs/reference is not what tools/make_reference.py would write now."""

import sys

import make_reference


def main() -> int:
    problems = find_problems()
    print("\n".join(problems) or "reference: nothing found")
    return 1 if problems else 0


def find_problems() -> list[str]:
    """Return, per page that differs, its name and what to do."""
    return [
        f"docs/reference/{name}: differs; run python tools/make_reference.py and look at it"
        for name, text in make_reference.pages().items()
        if _committed(name) != text
    ]


def _committed(name: str) -> str:
    path = make_reference.FOLDER / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main())
