"""Interrupts: Ctrl-C, a service manager and a closed terminal all end a block in the same way."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import duckdb

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_came: list[int] = []
"""Numbers of the signals that came in the block at work; signals are the whole process's."""


@contextmanager
def interruptible() -> Iterator[list[int]]:
    """Let any of the signals interrupt the block, and only once; but none that is ignored by now.

    Yields:
        The number of the signal, when one has come. While DuckDB runs a query, it makes an error
        of its own of the interrupt.

    Raises:
        KeyboardInterrupt: One has come.
    """
    _came.clear()

    def stop(number: int, frame: FrameType | None) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        _came.append(number)
        raise KeyboardInterrupt

    # What runs in the background, or by nohup, is started with some of them ignored.
    heard = [each for each in SIGNALS if signal.getsignal(each) != signal.SIG_IGN]
    before = {each: signal.signal(each, stop) for each in heard}
    try:
        yield _came
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        _came.clear()


def check() -> None:
    """Stop what goes on although an interrupt came, as when a library took it for its own fault.

    Raises:
        KeyboardInterrupt: One has come.
    """
    if _came:
        raise KeyboardInterrupt


def is_behind(error: Exception) -> bool:
    """Whether an error is what became of an interrupt, and so nobody's fault.

    DuckDB makes an error of its own of what interrupts a query; which one depends on the moment.
    """
    interrupted = isinstance(error, duckdb.InterruptException) or str(error) == "Query interrupted"
    return bool(_came) or interrupted
