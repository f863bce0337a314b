"""What went wrong, said to the person who can mend it."""

from __future__ import annotations

import typer

from quality.escaping import visible


def explain(error: Exception) -> list[str]:
    """Say what is wrong, each problem in a line; nothing if the fault is the program's own."""
    import duckdb

    from flows.document import DocumentInvalid
    from ingest.errors import IngestError
    from quality.checks import CheckInvalid

    match error:
        case DocumentInvalid() | CheckInvalid():
            return list(error.problems)
        case OSError(strerror=str(reason), filename=str(name)):
            return [f"{name}: {reason}"]
        case duckdb.Error():
            return [str(error).partition("\n")[0]]
        case IngestError() | OSError():
            return [str(error) or type(error).__name__]
    return []


def tell(*lines: str) -> None:
    """Print diagnostics: on stderr, so that they are never taken for the answer."""
    for line in lines:
        typer.echo(f"{typer.style('pratique:', dim=True)} {visible(line)}", err=True)
