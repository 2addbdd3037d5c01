"""Moments of recording: UTC to the microsecond, as text that sorts as time does."""

import time
from datetime import UTC, datetime, timedelta

from earmark.errors import UsageError

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - all moments here are in UTC
_MICROSECOND = timedelta(microseconds=1)
_LAST = timedelta(days=1, microseconds=-1)


def rising_moments(last: str | None, count: int) -> list[str]:
    """Return `count` moments from now on, all later than `last` whatever the clock says."""
    now = time.time_ns() // 1000
    first = now if last is None else max(now, (parsed(last) - _EPOCH) // _MICROSECOND + 1)
    moments: list[str] = []
    while len(moments) < count:
        second, part = divmod(first + len(moments), 1_000_000)
        prefix = (_EPOCH + timedelta(seconds=second)).isoformat()
        until = min(1_000_000, part + count - len(moments))
        moments += [f"{prefix}.{microsecond:06d}Z" for microsecond in range(part, until)]
    return moments


def parsed(moment: str) -> datetime:
    """Return a moment as a time in UTC that says no zone; ValueError where it is none."""
    time_ = datetime.fromisoformat(moment.removesuffix("Z"))
    if time_.tzinfo is not None or written(time_) != moment:
        raise ValueError(f"{moment!r} is no moment of recording")
    return time_


def written(time_: datetime) -> str:
    """Return a time in UTC as text."""
    return f"{time_.isoformat(timespec='microseconds')}Z"


def last_moment_of(text: str) -> str:
    """Return the last moment of a day, or of a time as far as it says; UsageError for others.

    A time that says no zone is in UTC.
    """
    try:
        if len(text) == 10:
            return written(datetime.fromisoformat(text) + _LAST)
        time_ = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{text[:50]!r} is no day and no time", "write 2026-11-23 or 2026-11-23T19:20:11Z"
        ) from None
    if time_.tzinfo is not None:
        time_ = time_.astimezone(UTC).replace(tzinfo=None)
    return written(time_)
