"""Rows into good and bad, and a grade: what is expected of data, and how far it was met."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quality.checks import CheckInvalid, bind, check, fingerprint, references
    from quality.model import Check, Dimension, Grade, Outcome, Severity
    from quality.result import CheckResult
    from quality.rule import RULES
    from quality.scoring import Policy, Score, score
    from quality.split import Split, evaluate

__all__ = [
    "RULES",
    "Check",
    "CheckInvalid",
    "CheckResult",
    "Dimension",
    "Grade",
    "Outcome",
    "Policy",
    "Score",
    "Severity",
    "Split",
    "bind",
    "check",
    "evaluate",
    "fingerprint",
    "references",
    "score",
]

_HOMES = {
    "checks": ("CheckInvalid", "RULES", "bind", "check", "fingerprint", "references"),
    "model": ("Check", "Dimension", "Grade", "Outcome", "Severity"),
    "result": ("CheckResult",),
    "scoring": ("Policy", "Score", "score"),
    "split": ("Split", "evaluate"),
}


def __getattr__(name: str) -> Any:
    # On demand: who asks only for a grade should not wait for narwhals and all rules.
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"quality.{module}"), name)
    raise AttributeError(f"module 'quality' has no attribute {name!r}")
