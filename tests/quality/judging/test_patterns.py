import duckdb
import polars as pl
import pytest

from quality import Outcome, check
from quality.patterns import portable, whole

TEXTS = [
    "",
    "a",
    "b",
    "1",
    "١",
    "_",
    "é",
    "-",
    "&",
    "~",
    "[",
    "]",
    "<",
    "{",
    "a{,3}",
    " ",
    "\u00a0",
]
TEXTS += ["\t", "\x0b", "\n", "\0", "ab", "a1", "É", "K", "\u212a", "😀", "e\u0301"]


@pytest.mark.parametrize(
    "pattern",
    [
        r"\d",
        r"\D",
        r"\w+",
        r"\W",
        r"\s",
        r"\S",
        r"[\d\s]",
        r"[^\w]",
        r"[\D]",
        r"[^\D\S]",
        r"[\W_]",
        r"[[a]",
        r"[^[a]",
        r"[]a]",
        r"[^]a]",
        r"[a&&b]",
        r"[a~~b]",
        r"[[:alpha:]&]",
        r"[^[:alpha:]]",
        r"[\]a-]",
        r"\<",
        r"[\<b]",
        r"a{,3}",
        r"\{",
        r"(?i)k",
        r"(?i)É",
        r"[\x{61}-b]\d{0,1}",
        r"\p{L}\p{M}?",
        r"\pL",
        r".",
        r"(?s).",
    ],
)
def test_a_pattern_means_the_same_everywhere(pattern):
    """What RE2 makes of the pattern as it is written, both make of it as it is run."""
    con = duckdb.connect()
    values = ", ".join("(?)" for _ in TEXTS)
    found = [
        f"SELECT list(t ORDER BY t) FROM (VALUES {values}) v(t) WHERE regexp_matches(t, ?)"
        for _ in (1, 2)
    ]
    (meant,) = con.execute(found[0], [*TEXTS, whole(pattern)]).fetchone()
    (on_duckdb,) = con.execute(found[1], [*TEXTS, whole(portable(pattern))]).fetchone()
    texts = pl.DataFrame({"t": TEXTS})
    on_polars = texts.filter(pl.col("t").str.contains(whole(portable(pattern))))["t"].to_list()

    assert on_duckdb == meant
    assert sorted(on_polars) == sorted(meant or [])


def test_flags_of_one_pattern_do_not_reach_into_the_next(judge):
    frame = {"a": ["B", "A", "b"]}

    (any_of,) = judge(frame, [check("not_matches", column="a", pattern=["(?i)a", "b"])]).results

    assert any_of.failed == 2


def test_a_piece_is_found_on_any_line(judge):
    frame = {"a": ["one\nTEST\nthree", "one\nthree"]}

    (result,) = judge(frame, [check("not_matches", column="a", pattern="TEST")]).results

    assert [each["record_no"] for each in result.examples] == [1]
    assert result.message == "1 of 2 rows (50 %): a contains TEST"


@pytest.mark.parametrize(("mode", "failed"), [("any", [3]), ("all", [1, 2, 3])], ids=["any", "all"])
def test_one_of_several_forms_may_do_or_all_be_asked_for(mode, failed, judge):
    frame = {"a": ["x1", "x", "1", "11", None]}
    bound = check("matches", column="a", pattern=["x.*", "..", "[0-9]{2}"], mode=mode)

    (result,) = judge(frame, [bound]).results

    wanted = {"any": [3], "all": [1, 2, 3, 4]}[mode]
    assert [each["record_no"] for each in result.examples] == wanted
    assert (
        result.expected
        == f"in {'one' if mode == 'any' else 'all'} of the forms x.*, .., [0-9]{{2}}"
    )


@pytest.mark.parametrize("ignore_case", [True, False])
def test_a_long_text_is_read_to_its_end(ignore_case, judge):
    frame = {"a": ["x" * 1_000_000 + "y", "x" * 1_000_000]}
    bound = check("matches", column="a", pattern="x*", ignore_case=ignore_case)

    (result,) = judge(frame, [bound]).results

    assert result.failed == 1
    assert result.outcome is Outcome.FAILED
