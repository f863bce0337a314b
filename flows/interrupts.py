"""Interrupts: Ctrl-C, a service manager and a closed terminal all end a block in the same way."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible() -> Iterator[list[int]]:
    """Let any of the signals interrupt the block, and only once; but none that is ignored by now.

    Yields:
        The number of the signal, when one has come. While DuckDB runs a query, it makes an error
        of its own of the interrupt.

    Raises:
        KeyboardInterrupt: One has come.
    """
    came: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        came.append(number)
        raise KeyboardInterrupt

    # What runs in the background, or by nohup, is started with some of them ignored.
    heard = [each for each in SIGNALS if signal.getsignal(each) != signal.SIG_IGN]
    before = {each: signal.signal(each, stop) for each in heard}
    try:
        yield came
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
