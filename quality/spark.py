"""What is asked of PySpark in its own words; it is imported only where there is a frame of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

from quality.condition import Condition


def with_conditions(frame: Any, conditions: Mapping[str, Condition]) -> Any:
    """The frame, and what conditions give beside it, each under its name."""
    from pyspark.sql import functions

    # What stands in double quotes is a name, while Spark would take it for a text.
    read = {name: _QUOTED.sub(_in_backticks, each.sql) for name, each in conditions.items()}
    return frame.withColumns({name: functions.expr(sql) for name, sql in read.items()})


def numbered(frame: Any, number: str) -> Any:
    """The frame with a number for each row; cached, for computed again it may have others."""
    from pyspark.sql import functions

    return frame.select(functions.monotonically_increasing_id().alias(number), "*").cache()


def cut(
    rows: Any,
    failing: Any,
    number: str,
    lists: Mapping[str, Mapping[str, str]],
    grave: Sequence[str],
) -> tuple[Any, Any]:
    """The good rows and the bad ones, and what is wrong with them.

    Args:
        rows: Rows with their numbers.
        failing: Numbers of those that fail, and a boolean by the key of each check.
        number: The column of numbers.
        lists: The columns beside the bad rows: for each check a text.
        grave: The checks that make a row bad.
    """
    from pyspark.sql import functions

    is_bad = reduce(or_, map(_column, grave), functions.lit(False))
    listed = (_listed(texts).alias(name) for name, texts in lists.items())
    told = failing.filter(is_bad).select(number, *listed)
    bad = rows.drop(*lists).join(told, number)
    return rows.join(told, number, "left_anti").drop(number), bad.drop(number)


def _listed(texts: Mapping[str, str]) -> Any:
    from pyspark.sql import functions

    cases = [functions.when(_column(key), functions.lit(text)) for key, text in texts.items()]
    return functions.array_compact(functions.array(*cases)).cast("array<string>")


def _column(name: str) -> Any:
    from pyspark.sql import functions

    return functions.col(_backticked(name))


def _backticked(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _in_backticks(found: re.Match[str]) -> str:
    name = found["name"]
    return found[0] if name is None else _backticked(name.replace('""', '"'))


_QUOTED = re.compile(r"'(?:[^']|'')*'" + '|"(?P<name>(?:[^"]|"")*)"')
