"""Scaffold: an empty project to begin with, which says in its own files what they are for."""

from __future__ import annotations

import json
from pathlib import Path

from flows.project import NAME, ProjectInvalid
from flows.schema import contract_schema

PROJECT = """\
# A pratique project: drop files into landing/, write contracts/<dataset>.yaml, `pratique run`.
# Paths are relative to this file, every key has a default, and the environment overrides it:
# PRATIQUE_MEMORY_LIMIT=4GB.
landing: landing                # where suppliers drop files
contracts: contracts            # one YAML file a dataset: what its files must be like
warehouse: warehouse.duckdb     # good records, quarantined records, and the history of both
reports: reports                # where the report pages are written
memory_limit: 1GB               # what a load may use
gate: red                       # loads of this grade wait for a person: none, amber or red
# variables: {region: eu}       # what contracts leave open: ${region}
# settle_seconds: 60            # leave files alone that changed within a minute
# after_commit: archive         # keep | archive (by day and hash) | delete, when all is committed
# policy: {green: 0.9, amber: 0.7}
"""

CONTRACT = """\
# yaml-language-server: $schema=../contract.schema.json
# What the files of one dataset must be like. Copy this to contracts/orders.yaml and make it yours;
# `pratique check FILE` tells what it makes of a file, `pratique rules` what it can ask for.
dataset: orders                 # the table it becomes
version: 1.0.0                  # which edition of this contract it is
description: Orders of the web shop, one file a day
owner: sales@example.org        # whom to ask about it
files: "orders_*.csv"           # which files, below the landing directory
format: {type: csv, null_values: [""]}
load: append                    # append | replace (the newest file is all) | merge (by key)
# What becomes of what is not declared: evolve | freeze | discard_row | discard_value.
schema_contract: {tables: evolve, columns: discard_value, types: discard_row}

columns:
  - {name: order_id, type: bigint, checks: [not_null]}
  - name: ordered_on
    type: date
    checks: [not_null, not_in_future]
  - name: amount
    type: decimal(12,2)
    description: Euro, VAT included
    checks:
      - range: {min: 0}
  - name: country
    type: varchar
    checks:
      - matches:
          pattern: "[A-Z]{2}"
          severity: warning     # critical and error keep a record out of the table; these do not
          description: ISO 3166, two letters

checks:                         # of the whole file
  - unique: {columns: [order_id], severity: critical}
  - row_count: {min: 1}
"""

IGNORED = """\
# What pratique makes by itself. Back up the warehouse and the blobs; the rest can be made again.
/warehouse.duckdb*
/blobs/
/staging/
/.prefect/
/reports/
/landing/
"""

FILES = {
    NAME: PROJECT,
    "contracts/orders.yaml.example": CONTRACT,
    ".gitignore": IGNORED,
}
SCHEMA = "contract.schema.json"
"""By which an editor completes and checks contracts; `pratique contract schema` prints it anew."""
DIRECTORIES = ("landing", "contracts")


def create(directory: Path) -> list[Path]:
    """Make a project; what is there already stays as it is.

    Args:
        directory: Where; made when it is not there.

    Returns:
        What was made.

    Raises:
        ProjectInvalid: It is a project already.
        OSError: It cannot be written to.
    """
    if (directory / NAME).exists():
        raise ProjectInvalid([f"{directory / NAME} is there already; nothing was changed"])
    made = []
    for name in DIRECTORIES:
        (directory / name).mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        path = directory / name
        if not path.exists():
            path.write_text(text, encoding="utf-8")
            made.append(path)
    schema = directory / SCHEMA
    if not schema.exists():
        schema.write_text(json.dumps(contract_schema(), indent=1) + "\n", encoding="utf-8")
        made.append(schema)
    return made
