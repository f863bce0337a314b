"""Commands about what is expected of data: rules, contract lint and schema."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli.access import AsJson, Directory, nearest_project, open_project, print_json
from flows.cli.faults import tell

if TYPE_CHECKING:
    from quality.rule import Rule

contract = typer.Typer(name="contract", help="The contracts.", no_args_is_help=True)


def rules(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One of them.")] = None,
    project: Directory = None,
    as_json: AsJson = False,
) -> None:
    """List the rules that a contract can use, the project's own included, or tell all about one."""
    from flows import terminal
    from flows.cli import answers
    from quality.rules import RULES
    from quality.wording import guess

    _use_own_rules(project)
    if name and name not in RULES:
        raise typer.BadParameter(f"there is no rule {name!r}{guess(name, RULES)}")
    told = [_tell(RULES[one]) for one in ([name] if name else sorted(RULES))]
    if as_json:
        print_json(told[0] if name else told)
    elif name:
        answers.of_rule(told[0])
    else:
        terminal.show(told, "rule", "kind", "dimension", "severity", remark="what must hold")


def _tell(rule: Rule) -> dict[str, Any]:
    """All about a rule, as plain data with stable keys."""
    return {
        "rule": rule.name,
        "kind": rule.kind,
        "dimension": rule.dimension,
        "severity": rule.severity.label,
        "what must hold": rule.docs.partition("\n")[0],
        "docs": rule.docs,
        "arguments": rule.arguments.model_json_schema(),
        "examples": [dict(example.arguments) for example in rule.examples],
    }


@contract.command()
def lint(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH…", help="Contracts, or directories.")
    ] = None,
    project: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Find everything that is wrong with contracts, with file and line; and with own rules.

    A rule of the project is tried on its examples, on Polars and on DuckDB.

    Exit code: 0 nothing is wrong, 1 something is.
    """
    from flows import linting, terminal
    from quality.proof import prove
    from quality.rules import own

    broken = [*_use_own_rules(project), *(fault for rule in own() for fault in prove(rule))]
    places = paths or [open_project(project).contracts]
    opened = nearest_project(project)
    variables = opened.variables if opened else {}
    found = (problem for path in places for problem in linting.lint(path, variables))
    problems = list(dict.fromkeys([*broken, *found]))
    if as_json:
        print_json({"problems": problems, "findings": [_placed(one) for one in problems]})
    for problem in () if as_json else problems or ("nothing is wrong",):
        terminal.say(problem)
    raise typer.Exit(1 if problems else 0)


def _placed(problem: str) -> dict[str, Any]:
    """A problem in its parts; of one that stands nowhere, what it is."""
    from quality.problem import Problem

    if not isinstance(problem, Problem):
        return {"file": None, "line": None, "path": "", "message": problem}
    return {
        "file": problem.file,
        "line": problem.line,
        "path": problem.path,
        "message": problem.message,
    }


@contract.command()
def schema(project: Directory = None, as_json: AsJson = True) -> None:
    """Print the JSON Schema of a contract, by which an editor completes and checks one."""
    from flows.schema import contract_schema

    tell(*_use_own_rules(project))
    print_json(contract_schema())


def _use_own_rules(directory: Path | None) -> list[str]:
    """Know the rules of the project around, if there is one, and tell what is wrong with them."""
    from quality.rules import use

    opened = nearest_project(directory)
    return use(opened.rules) if opened else []
