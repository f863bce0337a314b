"""Codes: all that can be wrong with a file or a record, told in one way everywhere.

A code is what programs go by, and its sentences are for the supplier. Where something is told,
the sentence is written where the fault is found; that it is one of these, tests see to.
"""

from __future__ import annotations

from collections.abc import Mapping

from ingest.codes import agreement, binary, containers, records, text
from ingest.codes.code import Code, Effect

__all__ = ["CODES", "GROUPS", "Code", "Effect", "of_record"]

GROUPS = {
    "What is agreed": agreement.CODES,
    "Text: CSV and JSON": text.CODES,
    "Parquet and Excel": binary.CODES,
    "Packed files": containers.CODES,
    "Records": records.CODES,
}
CODES: Mapping[str, Code] = {code.name: code for codes in GROUPS.values() for code in codes}
"""Every code by its name."""


def of_record(reason: str) -> str:
    """Name the code of the reason for which a record does not fit."""
    return next(code.name for code in records.CODES if code.fits(reason))
