"""The command line: reads what is asked, calls what does it, prints the answer, ends honestly.

A command imports what it needs when it runs, so that each starts as fast as its own work allows.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from flows.cli import (
    audits,
    contracts,
    explanations,
    files,
    loads,
    profiles,
    project,
    reports,
    trials,
)
from flows.cli.faults import explain, tell
from flows.interrupts import interruptible

FAILED = 3
"""Exit code of what could not run; `flows.summary.ExitCode` has them all."""
INTERRUPTED = 128
"""Exit code, less the number of the signal, of what was stopped by one, as shells have it."""

app = typer.Typer(
    help="Files come in, each is inspected; bad records go to quarantine with the reason, the "
    "rest is cleared into DuckDB.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for panel, commands in {
    "A project": (project.init, project.demo, project.up),
    "Files": (
        *(loads.run, loads.changes, loads.approve, loads.reject),
        *(loads.reload, loads.backfill),
    ),
    "Quality": (loads.status, explanations.explain, reports.report, contracts.rules, audits.audit),
    "Trying": (trials.check, trials.preview, profiles.profile, profiles.suggest),
}.items():
    for command in commands:
        app.command(rich_help_panel=panel)(command)
app.add_typer(files.files, rich_help_panel="Files")
app.add_typer(reports.quarantine, rich_help_panel="Quality")
app.add_typer(contracts.contract, rich_help_panel="Trying")


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"pratique {version('pratique')}")
        except PackageNotFoundError:
            typer.echo("pratique, not installed but run from its sources")
        raise typer.Exit


@app.callback()
def _pratique(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """What stands before any command."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; what is wrong with what it was given takes a line, not a traceback.

    Args:
        arguments: What to run, instead of what the process was called with.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    with interruptible() as signals:
        try:
            app(args=arguments, prog_name="pratique")
        except Exception as error:
            problems = explain(error)
            if not problems and not signals:
                raise
            if not signals:  # else the error is only what became of the interrupt
                tell(*problems)
            sys.exit(FAILED)
        finally:
            if signals:
                tell("interrupted")
                sys.exit(INTERRUPTED + signals[0])
