"""The shape of an error code."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of problem: its code, a title and what is wrong, with an example and the mend."""

    code: str
    title: str
    explanation: str


def catalogue(*codes: Code) -> Mapping[str, Code]:
    """Return codes by their code."""
    return MappingProxyType({code.code: code for code in codes})
