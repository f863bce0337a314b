"""Rows into good and bad, and a grade: what is expected of data, and how far it was met."""

from quality.checks import Check, CheckInvalid, bind, check, fingerprint, references
from quality.evaluation import Evaluation, evaluate
from quality.frames import into_tables
from quality.model import CheckResult, Dimension, Grade, Outcome, Severity
from quality.rule import RULES
from quality.scoring import Policy, Score, score

__all__ = [
    "RULES",
    "Check",
    "CheckInvalid",
    "CheckResult",
    "Dimension",
    "Evaluation",
    "Grade",
    "Outcome",
    "Policy",
    "Score",
    "Severity",
    "bind",
    "check",
    "evaluate",
    "fingerprint",
    "into_tables",
    "references",
    "score",
]
