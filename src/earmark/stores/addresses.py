"""Where a store is: `sqlite:///relative.db`, `sqlite:////absolute.db`, `postgresql://...`."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from earmark.errors import UsageError

SCHEMES = ("sqlite://", "postgresql://", "postgres://")

HINT = (
    "write sqlite:///relative.db, sqlite:////absolute/path.db, "
    "or postgresql://user@host/database?ledger=name"
)

_LEDGER = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class SqliteAddress:
    """A file: of SQLite."""

    path: str

    @property
    def text(self) -> str:
        """The address as it is shown."""
        return f"sqlite:///{self.path}"


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """A ledger of a PostgreSQL database; `conninfo` may hold a password, which nothing shows."""

    conninfo: str = field(repr=False)
    ledger: str
    text: str
    """The address as it is shown, without a password."""


def is_address(text: str) -> bool:
    """Say whether `text` means a store, rightly written or not: a folder's name never does."""
    return text.startswith(SCHEMES)


def parse_address(text: str) -> SqliteAddress | PostgresAddress:
    """Return what an address says; UsageError where it is none, which shows no password."""
    if text.startswith("sqlite://"):
        return _sqlite(text)
    if text.startswith(("postgresql://", "postgres://")):
        return _postgres(text)
    scheme = text.partition(":")[0] if ":" in text else ""
    what = f"{scheme[:20]!r} is no kind of store" if scheme else "this is no address of a store"
    raise UsageError(what, HINT)


def _sqlite(text: str) -> SqliteAddress:
    path = text.removeprefix("sqlite://")
    if not path.startswith("/") or path in ("/", "/:memory:") or "\0" in path:
        raise UsageError(f"{text} names no file", HINT)
    return SqliteAddress(path[1:])


def _postgres(text: str) -> PostgresAddress:
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises ValueError where it is no number
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise UsageError("this address of a PostgreSQL store cannot be read", HINT) from None
    ledgers = [value for key, value in query if key == "ledger"]
    ledger = ledgers[0] if ledgers else "main"
    if len(ledgers) > 1 or not _LEDGER.fullmatch(ledger):
        raise UsageError(
            f"ledger={ledger[:50]} is no name of a ledger",
            "use small letters, digits, - and _, at most 40",
        )
    rest = [(key, value) for key, value in query if key != "ledger"]
    conninfo = _written(parts.netloc, parts.path, rest)
    shown = [(key, value) for key, value in rest if key not in ("password", "sslpassword")]
    shown += [("ledger", ledger)] if ledgers else []
    user, at, host = parts.netloc.rpartition("@")
    netloc = f"{user.partition(':')[0]}{at}{host}"
    return PostgresAddress(conninfo, ledger, _written(netloc, parts.path, shown))


def _written(netloc: str, path: str, query: list[tuple[str, str]]) -> str:
    keys = urlencode(query, quote_via=quote, safe="/")
    return f"postgresql://{netloc}{path}{'?' if keys else ''}{keys}"
