"""The table that is judged: a frame whose columns go by names of our own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb
import narwhals as nw
from narwhals import dependencies

from quality import frames, spark
from quality.condition import Condition
from quality.frames import RECORD_NO, TEXT, Frame, cast_verdict
from quality.sql import quoted


@dataclass(frozen=True)
class Table:
    """A frame whose columns go by names of our own.

    A column may be called anything, `*` or `a.b` or `select "x"; --`, and there is always some
    place that takes such a name for more than a name.
    """

    source: Frame
    names: Mapping[str, str]
    """Our name of each column; those of cast verdicts go with those of their columns."""
    by: tuple[str, ...] = ()
    """`PART`, where each part is judged for itself."""

    @classmethod
    def of(cls, native: Any, by: tuple[str, ...] = ()) -> Table:
        """The table that a Polars frame or a DuckDB relation is."""
        source: Frame = nw.from_native(native).lazy()
        names = {name: f"c{number}" for number, name in enumerate(frames.columns(source))}
        verdicts = {cast_verdict(n): cast_verdict(ours) for n, ours in names.items()}
        fixed = verdicts | {name: name for name in (RECORD_NO, *by)}
        names |= {name: ours for name, ours in fixed.items() if name in names}
        return cls(source, names, by)

    @property
    def own(self) -> tuple[str, ...]:
        """The columns of the data itself."""
        ours = {RECORD_NO, TEXT, *self.by}
        return tuple(
            name
            for name, our_name in self.names.items()
            if name not in ours and our_name != cast_verdict(our_name.partition("__")[0])
        )

    @cached_property
    def frame(self) -> Frame:
        """The frame by our names."""
        return self.beside({})

    def named(self, where: Condition | None = None) -> Frame:
        """The rows that a condition means, by the names that they came with."""
        verdicts = {cast_verdict(name) for name in self.names}
        native = nw.to_native(self.source)
        if frames.in_duckdb(self.source):
            sql = (quoted(name) for name in self.names if name not in verdicts)
            meant = native.filter(duckdb.SQLExpression(where.sql)) if where else native
            frame: Frame = nw.from_native(meant.select(*map(duckdb.SQLExpression, sql)))
            return frame
        if where:
            read = nw.get_native_namespace(self.source).sql_expr
            native = native.filter(read(where.sql))
        rows: Frame = nw.from_native(native).drop(*verdicts, strict=False)
        return rows

    def beside(self, conditions: Mapping[str, Condition]) -> Frame:
        """The frame by our names, with what conditions give beside it, each under its name.

        Raises:
            TypeError: A condition is neither true nor false, but a number or a text.
        """
        native = nw.to_native(self.source)
        if frames.in_duckdb(self.source):
            sql = {ours: quoted(name) for name, ours in self.names.items()}
            sql |= {name: condition.sql for name, condition in conditions.items()}
            expressions = (duckdb.SQLExpression(each).alias(name) for name, each in sql.items())
            frame: Frame = nw.from_native(native.select(*expressions))
        else:
            if conditions:
                native = _with_sql(native, conditions)
            frame = nw.from_native(native).rename(dict(self.names))
        schema = frame.select(*conditions).collect_schema() if conditions else {}
        for name, condition in conditions.items():
            if schema[name] != nw.Boolean:
                raise TypeError(f"{condition.sql!r} gives {schema[name]}, and not true or false")
        return frame


def _with_sql(native: Any, conditions: Mapping[str, Condition]) -> Any:
    if not dependencies.is_polars_lazyframe(native):
        return spark.with_conditions(native, conditions)
    import polars as pl

    return native.with_columns(**{name: pl.sql_expr(c.sql) for name, c in conditions.items()})
