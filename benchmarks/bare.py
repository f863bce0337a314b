"""What DuckDB does when nobody asks about quality: one typed CREATE TABLE AS, and a checkpoint.

Usage: python -m benchmarks.bare CONTRACT FILE DATABASE MEMORY_LIMIT [TEXT_COLUMN ...]

The columns and their types are the contract's; the text columns hold values that do not cast, on
which the bare load would die, so they stay text.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import yaml


def load(contract: Path, file: Path, database: Path, memory: str, text: list[str]) -> int:
    """Load a file into a table of a fresh database, and return the number of its rows."""
    said = yaml.safe_load(contract.read_text(encoding="utf-8"))
    types = {column["name"]: column["type"] for column in said["columns"]}
    types |= dict.fromkeys(text, "varchar")
    con = duckdb.connect(database, config={"memory_limit": memory})
    if said["format"]["type"] == "json":
        found = con.read_json(str(file), columns=types, format="newline_delimited")
    else:
        found = con.from_csv_auto(
            str(file),
            auto_detect=False,
            header=True,
            delimiter=",",
            quotechar='"',
            escapechar='"',
            na_values=said["format"]["null_values"],
            columns=types,
        )
    found.create("loaded")
    con.execute("CHECKPOINT")
    return con.table("loaded").count("*").fetchall()[0][0]


if __name__ == "__main__":
    contract, file, database, memory, *text = sys.argv[1:]
    print(load(Path(contract), Path(file), Path(database), memory, text))
