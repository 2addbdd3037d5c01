"""Earmark: who was promised which GPUs, who gets the next ones, and what every redirect costs."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from earmark.changes import Change
    from earmark.planner import Planner
    from earmark.tables import read_book

__all__ = ["Change", "Planner", "__version__", "read_book"]

__version__ = "0.1.0"

_PLACES = {"Change": "changes", "Planner": "planner", "read_book": "tables"}


def __getattr__(name: str) -> Any:
    """Import what is asked for: the command starts without it."""
    if name not in _PLACES:
        raise AttributeError(f"module 'earmark' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"earmark.{_PLACES[name]}"), name)
