"""One file a rule: its code, its documentation, the schema of its arguments, and its tests."""

from __future__ import annotations

import pkgutil
import sys
from importlib.util import module_from_spec
from pathlib import Path

from quality.rule import RULES

__all__ = ["RULES", "load"]


def load(folder: Path, package: str | None = None) -> None:
    """Run every module in `folder` that has not run yet; running it registers its rule.

    Args:
        folder: Where the rules are: one file each, named like its function.
        package: What the modules are called below; the folder itself if nothing imports them.
    """
    package = package or str(folder.resolve())
    for found in pkgutil.iter_modules([str(folder)], f"{package}."):
        spec = found.module_finder.find_spec(found.name, None)
        if found.name not in sys.modules and spec and spec.loader:
            sys.modules[found.name] = module = module_from_spec(spec)
            spec.loader.exec_module(module)


load(Path(__file__).parent, __name__)
