"""Parquet: typed columns as columns of text, and what DuckDB would refuse or round in a copy.

The text of a value is what DuckDB writes: ISO 8601 dates and times, all digits of a decimal, the
shortest number that is the same double, JSON for what is nested. So one cast, with one verdict,
serves every format.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ingest.areas import StagingArea
from ingest.formats import Text
from ingest.formats.naming import name_columns
from ingest.frames import RAW_RECORDS
from ingest.model import FileError
from ingest.rejects import Reject, keep
from ingest.source import Parquet, Source
from ingest.sql import identifier, literal

SUFFIXES = (".parquet", ".pq")
MAGIC, ENCRYPTED = b"PAR1", b"PARE"
MOST_DIGITS = 38
"""Of a decimal; DuckDB makes a double of what has more."""
CELLS_A_BYTE, CELLS_FROM = 250, 64 << 20
"""How many values a byte may stand for, once they are more than so many."""
DAMAGE = (pa.ArrowException, OSError, UnicodeDecodeError)
"""What Arrow raises when a file is not what it should be."""
BATCH = 10_000
NUMBER = "file_row_number"
"""What DuckDB calls the number of a row, from 0, unless the file has a column of that name."""
PLAIN = r"U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DECIMAL.*|BOOLEAN"
"""What JSON writes as it stands."""


def read(con: duckdb.DuckDBPyConnection, blob: Path, source: Source, area: StagingArea) -> Text:
    """Give a Parquet file as text.

    Args:
        con: The connection that will read it.
        blob: The frozen file.
        source: The contract's half about files.
        area: Where a copy is kept, should one be needed, and the rejects.
    """
    spec = source.format if isinstance(source.format, Parquet) else Parquet()
    unreadable = Text("", {}, "NULL::BIGINT", blob, 0, {})
    if fault := _outside(blob):
        return replace(unreadable, errors=(fault,))
    try:
        footer = pq.read_metadata(blob)
        schema, written_by = footer.schema.to_arrow_schema(), footer.created_by
        columns = _columns(con, blob) if schema.names else []
    except (*DAMAGE, duckdb.Error) as error:
        return replace(unreadable, errors=(_unreadable(error),))
    if not columns:
        empty = FileError("empty-file", "the file is empty: it has no columns", fatal=True)
        return replace(unreadable, errors=(empty,))
    cells, size = footer.num_rows * len(columns), blob.stat().st_size
    if cells > max(CELLS_FROM, CELLS_A_BYTE * size):
        message = f"{size} bytes claim to be {footer.num_rows} records of {len(columns)} columns"
        return replace(unreadable, errors=(FileError("decompression-bomb", message, fatal=True),))
    names, errors = name_columns(schema.names)
    sound = Text(
        relation=_relation(blob),
        cells=_cells(names, columns, spec),
        rejected="NULL::BIGINT",
        framed=blob,
        records=footer.num_rows,
        dialect={"written_by": written_by, "columns": names},
        errors=errors,
    )
    rounded = any(_exact(type) != type for type in schema.types)
    if rounded or NUMBER in (name.lower() for name, _ in columns):
        return _rewritten(con, blob, sound, spec, area)
    return replace(sound, screen=lambda: _rewritten(con, blob, sound, spec, area))


def raw_records(
    con: duckdb.DuckDBPyConnection,
    framed: Path,
    dialect: Mapping[str, Any],
    wanted: NDArray[np.int64],
) -> Iterator[pa.Table]:
    """Give records, each as a JSON object of its columns."""
    reader = con.cursor()
    reader.register("_wanted", pa.table({"number": wanted - 1}))
    found = reader.sql(
        f"SELECT {NUMBER} + 1 AS _record_no, NULL::BIGINT AS line, NULL::BIGINT AS byte, "
        f"{_object(dialect['columns'], _columns(reader, framed))} AS raw "
        f"FROM {_relation(framed)} WHERE {NUMBER} IN (SELECT number FROM _wanted) "
        "ORDER BY 1"
    )
    for batch in found.to_arrow_reader(BATCH):
        yield pa.Table.from_batches([batch]).cast(RAW_RECORDS)


def count(blob: Path, dialect: Mapping[str, Any], scratch: Path) -> int:
    """Count the records of a file by its footer."""
    return int(pq.read_metadata(blob).num_rows)


def _outside(blob: Path) -> FileError | None:
    """Tell what is wrong with a file by its first and last bytes, which name the format."""
    size = blob.stat().st_size
    with blob.open("rb") as file:
        first = file.read(len(MAGIC))
        file.seek(max(size - len(MAGIC), 0))
        last = file.read()
    if not size:
        return FileError("empty-file", "the file is empty", fatal=True)
    if first == ENCRYPTED:
        return _encrypted()
    if first != MAGIC:
        message = "it is not a Parquet file: it does not begin with PAR1"
        return FileError("not-parquet", message, fatal=True)
    if last != MAGIC or size < 3 * len(MAGIC):
        message = "the file is cut off: a Parquet file ends with PAR1; send it again, whole"
        return FileError("truncated-file", message, fatal=True, incomplete=True)
    return None


def _unreadable(error: Exception) -> FileError:
    if isinstance(error, OSError) and error.errno:  # the disk is at fault, not the file
        raise error
    said = str(error).split("\n", 1)[0][:200]
    if "crypt" in said:
        return _encrypted()
    return FileError("damaged-file", f"the file is damaged: {said}; send it again", fatal=True)


def _encrypted() -> FileError:
    message = "the file is encrypted, and there is no key for it; send it without encryption"
    return FileError("encrypted-file", message, fatal=True)


def _relation(path: Path) -> str:
    # A directory called a=1 on the way to the file is no column of it.
    return f"read_parquet({literal(path)}, hive_partitioning = false)"


def _columns(con: duckdb.DuckDBPyConnection, path: Path) -> list[tuple[str, str]]:
    """The columns of a file with their types, by the names that DuckDB gives them."""
    found = con.execute(f"DESCRIBE FROM {_relation(path)}").fetchall()
    return [(name, type) for name, type, *_ in found]


def _cells(
    names: Sequence[str], columns: Sequence[tuple[str, str]], spec: Parquet
) -> dict[str, str]:
    texts = [_text(identifier(name), type) for name, type in columns]
    if spec.null_values:
        nulls = ", ".join(map(literal, spec.null_values))
        texts = [f"CASE WHEN {text} NOT IN ({nulls}) THEN {text} END" for text in texts]
    return dict(zip(names, texts, strict=True))


def _text(column: str, type: str) -> str:
    if type == "BLOB":  # most often text that nobody has marked as such
        return f"coalesce(TRY(decode({column})), {column}::VARCHAR)"
    if _is_nested(type):
        return f"to_json({column})::VARCHAR"
    return column if type == "VARCHAR" else f"{column}::VARCHAR"


def _is_nested(type: str) -> bool:
    return type.endswith("]") or type.startswith(("STRUCT", "MAP", "UNION", "VARIANT"))


def _object(names: Sequence[str], columns: Sequence[tuple[str, str]]) -> str:
    """Give the SQL of a record as a JSON object; json_object would make doubles of decimals."""
    members = []
    for name, (own, type) in zip(names, columns, strict=True):
        column, text = identifier(own), _text(identifier(own), type)
        value = f"to_json({text})::VARCHAR"
        if type in ("DOUBLE", "FLOAT"):  # JSON has no word for infinity
            value = f"CASE WHEN isfinite({column}) THEN {text} ELSE {value} END"
        elif re.fullmatch(PLAIN, type) or _is_nested(type):
            value = text
        key = literal(json.dumps(name, ensure_ascii=False) + ":")
        members.append(f"{key} || coalesce({value}, 'null')")
    return f"'{{' || concat_ws(',', {', '.join(members)}) || '}}'"


def _rewritten(
    con: duckdb.DuckDBPyConnection, blob: Path, sound: Text, spec: Parquet, area: StagingArea
) -> Text:
    """Read a copy instead, which DuckDB takes, and reject the records whose text is not UTF-8."""
    path, names = area.scratch / f"{blob.name}.rewritten", tuple(sound.cells)
    try:
        texts = _rewrite(blob, path)
    except DAMAGE as error:
        return replace(sound, errors=(*sound.errors, _unreadable(error)), screen=None)
    columns = _columns(con, path)
    faults = {names[i]: f"(c{i} IS NOT NULL AND TRY(decode(c{i})) IS NULL)" for i in texts}
    keep(con, area, _undecodable(con, path, _object(names, columns), faults))
    return replace(
        sound,
        relation=f"(SELECT *, {NUMBER} AS _number FROM {_relation(path)})",
        cells=_cells(names, columns, spec),
        rejected=f"CASE WHEN {' OR '.join(faults.values()) or 'false'} THEN _number END",
        framed=path,
        screen=None,
    )


def _rewrite(blob: Path, path: Path) -> list[int]:
    """Copy a file with bytes for its texts, text for decimals with too many digits, and c0, c1, ….

    Returns:
        The positions of the columns that are text.
    """
    whole = pq.ParquetFile(blob)
    types = [_stored(type) for type in whole.schema_arrow.types]
    texts = [i for i, type in enumerate(types) if _is_text(type)]
    kinds = [pa.binary() if i in texts else _exact(type) for i, type in enumerate(types)]
    schema = pa.schema([(f"c{i}", kind) for i, kind in enumerate(kinds)])
    with pq.ParquetWriter(path, schema) as copy:
        for batch in whole.iter_batches(BATCH):
            for column in batch:
                if pa.types.is_nested(column.type):
                    column.validate(full=True)  # there is no telling it apart within
            columns = [
                c.cast(type).cast(kind) for c, type, kind in zip(batch, types, kinds, strict=True)
            ]
            copy.write_batch(pa.record_batch(columns, schema=schema))
    return texts


def _stored(type: pa.DataType) -> pa.DataType:
    """The plain type of text that is marked as JSON, and of what a dictionary stands for."""
    if isinstance(type, pa.JsonType):
        return type.storage_type
    return type.value_type if pa.types.is_dictionary(type) else type


def _is_text(type: pa.DataType) -> bool:
    return any(is_it(type) for is_it in (pa.types.is_string, pa.types.is_large_string))


def _exact(type: pa.DataType) -> pa.DataType:
    """The type that keeps every digit: text, where a decimal has too many, however deep."""
    if pa.types.is_decimal(type) and type.precision > MOST_DIGITS:
        return pa.string()
    if pa.types.is_list(type):
        return pa.list_(type.value_field.with_type(_exact(type.value_type)))
    if pa.types.is_map(type):
        return pa.map_(type.key_type, _exact(type.item_type))
    if pa.types.is_struct(type):
        return pa.struct([each.with_type(_exact(each.type)) for each in type.fields])
    return type


def _undecodable(
    con: duckdb.DuckDBPyConnection, path: Path, record: str, faults: Mapping[str, str]
) -> Iterator[Reject]:
    """Give the records with faults: conditions by the name of the column that they are about."""
    if not faults:
        return
    named = ", ".join(f"CASE WHEN {fault} THEN {literal(n)} END" for n, fault in faults.items())
    found = con.cursor().execute(
        f"SELECT {NUMBER}, {record}, concat_ws(' and ', {named}) FROM {_relation(path)} "
        f"WHERE {' OR '.join(faults.values())}"
    )
    while some := found.fetchmany(1000):
        for number, raw, names in some:
            yield Reject(number, None, None, raw, f"{names} holds bytes that are not UTF-8")
