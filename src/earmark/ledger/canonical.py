"""The one way to write an entry as bytes, so that its hash is the same on every machine.

The bytes are those of RFC 8785 for what the ledger may hold: null, truth values, whole numbers,
strings, lists and objects with ASCII keys. What two writers could spell in two ways is refused:
floats, and whole numbers that a float does not hold exactly. ASCII keys sort alike by code point
and by UTF-16 unit, so that plain sorting is the sorting of the standard.
"""

import json

_LARGEST = 2**53 - 1
"""Beyond it a reader whose numbers are floats sees another number (RFC 8785, 3.2.2.3)."""

_DEEPEST = 64

_Path = tuple["_Path", str | int] | None


def canonical(value: object) -> bytes:
    """Return `value` as canonical JSON, in UTF-8.

    Raises ValueError, with the path of what the ledger cannot hold: a float, a whole number beyond
    2^53 - 1, a key that is no ASCII string, half a surrogate pair, any other type, or more than 64
    levels of lists and objects.
    """
    _require_allowed(value, None, 0)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode()


def parse_canonical(data: bytes) -> object:
    """Return the value whose canonical JSON is `data`.

    Raises ValueError where `data` is no JSON, or JSON in another spelling: with blanks, with keys
    in another order or twice, with a float.
    """
    try:
        value: object = json.loads(data.decode())
    except RecursionError:
        raise ValueError(f"JSON of more than {_DEEPEST} levels") from None
    if canonical(value) != data:
        raise ValueError("this is JSON, but not in its canonical form")
    return value


def _require_allowed(value: object, path: _Path, depth: int) -> None:
    if isinstance(value, str):
        _require_unicode(value, path)
    elif value is None or isinstance(value, bool):
        pass
    elif isinstance(value, int):
        if not -_LARGEST <= value <= _LARGEST:
            raise _refusal(path, "a whole number beyond 2^53 - 1 is not read alike everywhere")
    elif isinstance(value, dict | list):
        if depth == _DEEPEST:
            raise _refusal(path, f"lists and objects stand more than {_DEEPEST} deep")
        if isinstance(value, dict):
            for key in value:
                _require_key(key, path)
        for place, part in value.items() if isinstance(value, dict) else enumerate(value):
            _require_allowed(part, (path, place), depth + 1)
    elif isinstance(value, float):
        raise _refusal(path, f"{value!r} is a float; the ledger holds whole numbers and strings")
    else:
        raise _refusal(path, f"a {type(value).__name__} has no canonical JSON")


def _require_key(key: object, path: _Path) -> None:
    if not isinstance(key, str):
        raise _refusal(path, f"the key {key!r} is no string")
    if not key.isascii():
        raise _refusal(path, f"the key {key!a} is not ASCII")


def _require_unicode(text: str, path: _Path) -> None:
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _refusal(path, f"{text!a} holds half a surrogate pair") from None


def _refusal(path: _Path, reason: str) -> ValueError:
    return ValueError(f"{_written(path) or 'the whole value'}: {reason}")


def _written(path: _Path) -> str:
    """Return a path as `postings[3].quantity`."""
    if path is None:
        return ""
    before, place = path
    if isinstance(place, int):
        return f"{_written(before)}[{place}]"
    return f"{_written(before)}.{place}".removeprefix(".")
