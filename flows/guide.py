"""docs/contracts.md, written from the models: `python -m flows.guide`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from flows.contract import ContractColumn, ContractFile, Waiver
from flows.writing import flow
from ingest.source import Csv, Excel, Json, Parquet, Ready, SchemaContract

PAGE = Path(__file__).parent.parent / "docs" / "contracts.md"
PROSE = Path(__file__).parent / "guide.md"

EXAMPLE = """\
# yaml-language-server: $schema=../contract.schema.json
dataset: orders
version: 1.2.0
status: active
description: Orders of the web shop, one file a day
owner: sales@example.org
variables: {region: eu, least: 0}
files: "${region}/orders_*.csv"
format: {type: csv, delimiter: ";", null_values: [NA, ""]}
load: merge
key: [order_id]
ready: {marker: .done}
schema_contract: {tables: evolve, columns: discard_value, types: discard_row}
gate: amber

columns:
  - {name: order_id, type: bigint, checks: [primary_key]}
  - name: customer
    type: varchar
    required: false
    pii: true
    description: Who ordered, by e-mail address
    checks:
      - not_null: {severity: warning}
  - {name: ordered_on, type: date, format: "%d.%m.%Y", checks: [not_in_future]}
  - name: amount
    type: decimal(12,2)
    checks:
      - range: {min: "${least}", fail_above: 1%}

checks:
  - row_count: {min: 1}

waivers:
  - check: range(amount)
    reason: Refunds are orders below nothing until the new system
    owner: sales@example.org
    until: 2999-12-31

odcs: {domain: sales}
"""
"""A contract in which every key is used once."""

FORMATS: dict[type[BaseModel], dict[str, Any]] = {
    Csv: {
        "type": "csv",
        "encoding": "windows-1252",
        "delimiter": ";",
        "quote": '"',
        "escape": '"',
        "header": True,
        "null_values": ["", "NA"],
        "skip": 2,
    },
    Json: {"type": "json", "encoding": "utf-8", "records": "data.items", "null_values": ["n/a"]},
    Parquet: {"type": "parquet", "null_values": ["n/a"]},
    Excel: {"type": "excel", "sheet": "Orders", "header_row": 3, "null_values": ["", "-"]},
}
"""Every key of every format, with an example."""


def page() -> str:
    """The whole page."""
    said = yaml.safe_load(EXAMPLE)
    column = {key: value for each in said["columns"] for key, value in each.items()}
    column["path"] = "address.city"
    short = said | {
        "columns": [{"name": "order_id", "type": "bigint"}],
        "waivers": [{"check": "range(amount)", "reason": "…", "owner": "…"}],
    }
    tables = {
        "keys": _table(ContractFile, short),
        "columns": _table(ContractColumn, column),
        "schema_contract": _table(SchemaContract, said["schema_contract"]),
        "ready": _table(Ready, said["ready"]),
        "waivers": _table(Waiver, said["waivers"][0]),
        "formats": _formats(),
        "example": iter(["```yaml", EXAMPLE.rstrip(), "```"]),
    }
    text = PROSE.read_text(encoding="utf-8")
    for name, lines in tables.items():
        text = text.replace(f"{{{{{name}}}}}", "\n".join(lines))
    return text


def _formats() -> Iterator[str]:
    for model, example in FORMATS.items():
        yield f"#### `type: {example['type']}`\n"
        yield f"{' '.join((model.__doc__ or '').split())}\n"
        yield from _table(model, example)
        yield ""


def _table(model: type[BaseModel], said: Mapping[str, Any]) -> Iterator[str]:
    yield "| key | what it says | when left out | for example |"
    yield "| --- | --- | --- | --- |"
    for name, field in model.model_fields.items():
        description = " ".join((field.description or "").split())
        cells = [f"`{name}`", description, _default(field), f"`{name}: {flow(said[name])}`"]
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _default(field: Any) -> str:
    if field.is_required():
        return "it must be there"
    value = field.get_default(call_default_factory=True)
    if value in (None, (), {}, PydanticUndefined):
        return ""
    if isinstance(value, BaseModel):
        return "see below"
    return f"`{flow(json.loads(json.dumps(value)))}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
