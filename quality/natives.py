"""Frames as people have them: opened to be judged, and cut into two of the same kind.

Polars and DuckDB are judged where they are. pandas and Arrow are judged as Polars frames, which
share their memory where they can; the rows that come back are always taken from the frame that was
given, so that no type and no index is lost on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import narwhals as nw
from narwhals import dependencies

from quality import frames, relations, spark
from quality.frames import RECORD_NO, Frame
from quality.opening import ROW, Opened, columns_beside

if TYPE_CHECKING:
    import polars as pl


def opened(frame: Any) -> Opened:
    """Open a frame of any kind.

    Raises:
        TypeError: It is none that can be judged.
    """
    if dependencies.is_polars_dataframe(frame):
        return _in_memory(frame, frame.filter, _beside)
    if dependencies.is_polars_lazyframe(frame):
        # Once: what is computed again may come in another order, and other rows would be bad.
        return _lazily(frame.collect())
    if dependencies.is_pandas_dataframe(frame):
        return _in_memory(
            _from_pandas(frame), lambda which: frame[which.to_numpy()], _beside_in_pandas
        )
    if dependencies.is_pyarrow_table(frame):
        return _in_memory(
            _from_arrow(frame), lambda which: frame.filter(which.to_arrow()), _beside_in_arrow
        )
    if dependencies.is_duckdb_relation(frame):
        return relations.opened(frame)
    if dependencies.is_pyspark_dataframe(frame):
        return _in_spark(frame)
    raise TypeError(
        f"{type(frame).__name__} is no frame that can be judged; give a frame of Polars, pandas or "
        "PySpark, a table of Arrow, or a relation of DuckDB"
    )


def types(rows: Any) -> dict[str, str]:
    """The type of each column, in SQL, as far as `each_column` tells types apart."""
    schema = nw.from_native(rows).lazy().collect_schema()
    return {name: _type(kind) for name, kind in schema.items() if name != RECORD_NO}


def _type(kind: nw.dtypes.DType) -> str:
    if kind.is_integer():
        return "bigint"
    if kind.is_float():
        return "double"
    if isinstance(kind, nw.Datetime):
        return "timestamptz" if kind.time_zone else "timestamp"
    return {"string": "varchar"}.get(name := str(kind).partition("(")[0].lower(), name)


def _in_memory(
    rows: pl.DataFrame,
    pick: Callable[[pl.Series], Any],
    beside: Callable[[Any, pl.DataFrame], Any],
) -> Opened:
    """A frame in memory.

    Args:
        rows: The frame for Polars.
        pick: Takes the rows of the frame itself for which a series is true.
        beside: Puts the columns of a Polars frame beside those rows.
    """
    import polars as pl

    def cut(failures: Frame, reasons: Mapping[str, str], grave: Sequence[str]) -> tuple[Any, Any]:
        failing = nw.to_native(failures)
        bad = failing.filter(pl.any_horizontal(pl.lit(False), *grave)).sort(RECORD_NO).collect()
        is_good = pl.repeat(True, len(rows), eager=True).scatter(bad[RECORD_NO], False)
        return pick(is_good), beside(pick(~is_good), _told(bad, reasons))

    # Words of a fixed set are text to a rule.
    words = pl.selectors.categorical() | pl.selectors.enum()
    # Moments of two zones are no more comparable to Polars than a number and a text.
    zoned = pl.selectors.datetime(time_zone="*")
    numbered = rows.drop(RECORD_NO, strict=False).with_columns(
        words.cast(pl.String), zoned.dt.convert_time_zone("UTC")
    )
    return Opened(numbered.with_row_index(RECORD_NO), frames.collected, cut, _in_polars)


def _in_polars(other: Any) -> pl.DataFrame:
    """Another frame in memory, of whatever kind."""
    if dependencies.is_duckdb_relation(other):
        raise TypeError("a relation of DuckDB is no reference for a frame; give its .pl()")
    rows: pl.DataFrame = opened(other).rows
    return rows


def _lazily(rows: pl.DataFrame) -> Opened:
    eager = _in_memory(rows, rows.filter, _beside)

    def cut(*told: Any) -> tuple[Any, Any]:
        good, bad = eager.cut(*told)
        return good.lazy(), bad.lazy()

    return replace(eager, cut=cut)


def _told(bad: pl.DataFrame, reasons: Mapping[str, str]) -> pl.DataFrame:
    """What is wrong with each record; they are many, and there are few ways to fail."""
    import polars as pl

    lists = columns_beside(reasons)
    if not reasons:
        return pl.DataFrame(schema=dict.fromkeys(lists, pl.List(pl.String)))
    flags = {key: f"flag_{number}" for number, key in enumerate(reasons)}
    flagged = bad.select(pl.col(key).alias(flag) for key, flag in flags.items())
    texts = flagged.unique().with_columns(
        pl.concat_list(pl.when(flags[key]).then(pl.lit(text)) for key, text in each.items())
        .list.drop_nulls()
        .alias(name)
        for name, each in lists.items()
    )
    on = list(flags.values())
    return flagged.join(texts, on=on, how="left", maintain_order="left").select(*lists)


def _beside(bad: Any, told: Any) -> Any:
    import polars as pl

    return pl.concat([bad.drop(told.columns, strict=False), told], how="horizontal")


def _beside_in_pandas(bad: Any, told: pl.DataFrame) -> Any:
    import pandas as pd

    lists = {each.name: pd.Series(each.to_list(), index=bad.index, dtype=object) for each in told}
    return bad.assign(**lists)


def _beside_in_arrow(bad: Any, told: pl.DataFrame) -> Any:
    others = bad.select([name for name in bad.column_names if name not in told.columns])
    for each in told:
        others = others.append_column(each.name, each.to_arrow())
    return others


def _from_pandas(frame: Any) -> pl.DataFrame:
    import polars as pl

    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names):
        raise ValueError(f"two columns are called {max(names, key=names.count)!r}; rename one")
    return pl.DataFrame([_series(frame.iloc[:, n]).alias(name) for n, name in enumerate(names)])


def _series(column: Any) -> pl.Series:
    import polars as pl

    if column.dtype == object and column.isna().all():
        return pl.Series([None] * len(column))
    try:
        series: pl.Series = pl.from_pandas(column)  # type: ignore[assignment]
        return series
    except (ValueError, TypeError):  # of several kinds: no value of them can be compared
        values = column.astype(object).where(column.notna(), None)
        return pl.Series(values.tolist(), dtype=pl.Object)


def _from_arrow(table: Any) -> pl.DataFrame:
    import polars as pl

    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _in_spark(frame: Any) -> Opened:
    numbered = spark.numbered(frame, ROW)

    def keep(frame: Frame) -> Frame:
        kept: Frame = nw.from_native(nw.to_native(frame).cache())
        return kept

    def cut(failures: Frame, reasons: Mapping[str, str], grave: Sequence[str]) -> tuple[Any, Any]:
        failing = nw.to_native(failures).withColumnRenamed(RECORD_NO, ROW)
        return spark.cut(numbered, failing, ROW, columns_beside(reasons), grave)

    rows = numbered.drop(RECORD_NO).withColumnRenamed(ROW, RECORD_NO)
    return Opened(rows, keep, cut, lambda other: other)
