import doctest
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


def test_the_session_on_the_page_goes_as_it_says():
    tried = doctest.testfile(
        str(PAGE), module_relative=False, encoding="utf-8", optionflags=doctest.ELLIPSIS
    )

    assert tried.attempted > 10
    assert tried.failed == 0
