"""No rule is left out where both engines are held against each other."""

import runpy
from pathlib import Path

from quality import RULES

HERE = Path(__file__).parent


def test_every_rule_is_judged_on_both_engines():
    compared = (runpy.run_path(str(HERE / f"test_{name}.py")) for name in ("backends", "groups"))
    covered = {each.rule.name for module in compared for each in module["EVERY_RULE"]}

    assert not RULES.keys() - covered, "add these to EVERY_RULE in test_backends.py"
