"""One file a rule: its code, its documentation, the schema of its arguments, and its tests."""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Iterator
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path

from quality.rule import RULES, Rule

__all__ = ["RULES", "load", "own", "use"]

_OWN: dict[Path, dict[str, Rule]] = {}


def load(folder: Path, package: str | None = None) -> None:
    """Run every module in `folder` that has not run yet; running it registers its rule.

    Args:
        folder: Where the rules are: one file each, named like its function.
        package: What the modules are called below; the folder itself if nothing imports them.
    """
    for spec, loader in _new(folder, package):
        _run(spec, loader)


def use(folder: Path) -> list[str]:
    """Put the rules of a project into the register, and those of any other project out of it.

    Args:
        folder: Where the project keeps its own rules; it need not be there.

    Returns:
        What is wrong with them, a line for each file that cannot be used.
    """
    for name in RULES.keys() - _BUILT_IN:
        del RULES[name]
    folder, problems = folder.resolve(), []
    RULES.update(_OWN.get(folder, {}))
    for spec, loader in _new(folder):
        try:
            _run(spec, loader)
        except Exception as error:  # it may be anybody's code
            problems.append(f"{spec.origin}: {type(error).__name__}: {error}")
    _OWN[folder] = {name: RULES[name] for name in RULES.keys() - _BUILT_IN}
    return problems


def own() -> list[Rule]:
    """The rules of the project that is in use, by name."""
    return [RULES[name] for name in sorted(RULES.keys() - _BUILT_IN)]


def _new(folder: Path, package: str | None = None) -> Iterator[tuple[ModuleSpec, Loader]]:
    """The modules of a folder that have not run yet."""
    package = package or str(folder.resolve())
    for found in pkgutil.iter_modules([str(folder)], f"{package}."):
        spec = found.module_finder.find_spec(found.name, None)
        if found.name not in sys.modules and spec and spec.loader:
            yield spec, spec.loader


def _run(spec: ModuleSpec, loader: Loader) -> None:
    sys.modules[spec.name] = module = module_from_spec(spec)
    try:
        loader.exec_module(module)
    except BaseException:
        del sys.modules[spec.name]
        raise


load(Path(__file__).parent, __name__)
_BUILT_IN = frozenset(RULES)
