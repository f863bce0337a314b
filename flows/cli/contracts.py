"""Commands about what is expected of data: rules, and contracts in all their forms."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli.access import (
    AsJson,
    Directory,
    nearest_project,
    open_project,
    print_json,
    refuse,
    require,
    write,
)
from flows.cli.faults import tell

if TYPE_CHECKING:
    from flows.contract import Contract
    from quality.rule import Rule


class Form(StrEnum):
    """What a contract can be written as."""

    ODCS = "odcs"


class ForeignForm(StrEnum):
    """What a contract can be made of."""

    ODCS = "odcs"
    JSONSCHEMA = "jsonschema"
    FRICTIONLESS = "frictionless"


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


@contract.command("list")
def list_(project: Directory = None, as_json: AsJson = False) -> None:
    """List the contracts, with their versions and the fingerprints that results carry."""
    from flows import terminal

    told = [_summarise(each) for each in _known(project)]
    if as_json:
        print_json(told)
    else:
        terminal.show(told, "dataset", "version", "status", "checks", "owner", remark="fingerprint")


@contract.command()
def show(
    dataset: Annotated[str, typer.Argument(metavar="DATASET")],
    project: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Show a contract as it counts: with its variables filled in, and its fingerprint."""
    from flows.contract import checks
    from flows.writing import contract_yaml

    chosen = _chosen(dataset, project)
    told = _summarise(chosen)
    if as_json:
        bound = [
            {"check": each.key, "rule": each.rule.name, "severity": each.severity.label}
            for each in checks(chosen)
        ]
        print_json(told | {"contract": chosen.document.data, "bound": bound})
        return
    heading = [f"{told['file']}, rule set {told['fingerprint']}"]
    typer.echo(contract_yaml(chosen.document.data, {(): heading}), nl=False)


@contract.command()
def export(
    dataset: Annotated[str, typer.Argument(metavar="DATASET")],
    to: Annotated[Form, typer.Option("--to", help="The form.")] = Form.ODCS,
    project: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Print a contract as an Open Data Contract, of version 3.1 of the standard."""
    from flows.exchange.odcs.export import export as export_odcs
    from flows.writing import contract_yaml

    assert to is Form.ODCS
    chosen = _chosen(dataset, project)
    said = export_odcs(chosen)
    if chosen.document.data.get("variables"):
        tell(f"{dataset}: the variables are written out as their values")
    if as_json:
        print_json(said)
    else:
        typer.echo(contract_yaml(said), nl=False)


@contract.command("import")
def import_(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="JSON or YAML.")],
    form: Annotated[
        ForeignForm | None, typer.Option("--from", help="What it is; found out when left out.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write <dataset>.yaml there, for each dataset."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make contracts of an Open Data Contract, a JSON Schema or a Frictionless table or package.

    What a contract cannot say is told, on stderr.

    Exit code: 0 there is a contract, 3 none came of it, or it is there already.
    """
    from flows.exchange import reading
    from flows.variables import escaped
    from flows.writing import contract_yaml

    made = reading.contracts(path, form.value if form else None)
    told = list(dict.fromkeys(said for one in made for said in one.told))
    contracts = [escaped(one.contract) for one in made]
    if as_json:
        print_json({"contracts": contracts, "findings": [_placed(said) for said in told]})
        return
    texts = {
        contract["dataset"]: contract_yaml(contract, one.comments)
        for contract, one in zip(contracts, made, strict=True)
    }
    if len(texts) < len(made):
        tell(f"{path}: two of its tables come to the same dataset")
        raise typer.Exit(3)
    if out is None:
        typer.echo("---\n".join(texts.values()), nl=False)
    else:
        places = {out / f"{dataset}.yaml": text for dataset, text in texts.items()}
        refuse(places, "nothing was written")
        for place, text in places.items():
            write(place, text)
            typer.echo(place)
    tell(*told)


def _known(project: Path | None) -> list[Contract]:
    """The contracts of a project; what is wrong with others is told."""
    from flows.contract import of_project

    known, problems = of_project(open_project(project))
    tell(*problems)
    return known


def _chosen(dataset: str, project: Path | None) -> Contract:
    known = {each.dataset: each for each in _known(project)}
    require(dataset, known)
    return known[dataset]


def _summarise(contract: Contract) -> dict[str, Any]:
    """A contract in a line; without a fingerprint if its checks are wrong, which is told."""
    from flows.contract import checks, fingerprint
    from flows.document import shown
    from quality.checks import CheckInvalid

    try:
        rule_set, number = fingerprint(contract), len(checks(contract))
    except CheckInvalid as invalid:
        rule_set, number = None, None
        tell(*invalid.problems)
    return {
        "dataset": contract.dataset,
        "version": contract.version,
        "status": contract.status,
        "owner": contract.owner,
        "file": shown(contract.path),
        "columns": len(contract.source.columns),
        "checks": number,
        "fingerprint": rule_set,
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
