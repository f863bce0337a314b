from typing import get_args

import pytest

from quality import Outcome, check
from quality.rules.charset import Unwanted
from quality.rules.string_case import Case

FAMILY = "👨\u200d👩\u200d👧"
HOSTILE = ["", "\0", "a\0b", FAMILY, "e\u0301" * 50, "\u202eevil", "x" * 500_000, "'; DROP TABLE t"]
HOSTILE += ["{name}", "%s", "\\", "\ufffd", "\U0010ffff", "İ", "ß", "ǅ", None]


def bad(judge, frame, bound):
    """The numbers of the first records that fail, of which there are no more."""
    (result,) = judge(frame, [bound]).results
    assert result.outcome is not Outcome.ERRORED, result.message
    assert result.failed == len(result.examples)
    return [each["record_no"] for each in result.examples]


@pytest.mark.parametrize(
    ("unwanted", "texts", "failed"),
    [
        ("control", ["\t", "\n", "\x1b[0m", "\x7f", "\x85", "\x9f", "é\n"], [1, 3, 4, 6]),
        (
            "invisible",
            ["a\xadb", "\u200b", FAMILY, "می\u200cخواهم", "\u2066", "\ufeffa"],
            [1, 2, 5, 6],
        ),
        ("outer_blanks", [" a", "a\u3000", "a\n", "a b", "\u200ba", ""], [1, 2, 3]),
        ("line_breaks", ["a\nb", "a\r\nb", "a\x0cb", "a\u2028b", "a b"], [1, 2, 3, 4]),
        ("quotes", ['"a"', "«a»", "O'Neill", "„a“", "`a`", "5″"], [1, 2, 4]),
        ("non_ascii", ["a~\x00", "é", "e\u0301", "😀", "\u212a"], [2, 3, 4, 5]),
        ("replacement", ["Zo\ufffd", "Zo?", "Zoë"], [1]),
    ],
)
def test_each_kind_of_character_is_found_and_no_other(unwanted, texts, failed, judge):
    assert bad(judge, {"a": texts}, check("charset", column="a", without=[unwanted])) == failed


def test_characters_that_are_not_wanted_are_told_in_words(judge):
    bound = check("charset", column="a", without=["quotes", "non_ascii", "line_breaks"])

    (result,) = judge({"a": ['"']}, [bound]).results

    assert result.expected == "without quotation marks, characters beyond ASCII, line breaks"
    assert result.message == (
        "1 of 1 row (100 %): a has quotation marks, characters beyond ASCII or line breaks"
    )


@pytest.mark.parametrize(
    ("case", "texts", "failed"),
    [
        ("upper", ["ÉCOLE", "E\u0301", "ǅ", "ß", "1a", "ΣΑΣ", "ª"], [3, 4, 5]),
        ("lower", ["école", "İ", "ǅ", "ß", "ΣΑΣ", "ʼn"], [2, 3, 5]),
        (
            "title",
            ["Éa E\u0301a", "A\u00a0b", "«a»", "4th", "E\u0301A", "O'neill-Smith"],
            [2, 3, 5],
        ),
    ],
)
def test_capitals_are_judged_beyond_english(case, texts, failed, judge):
    assert bad(judge, {"a": texts}, check("string_case", column="a", case=case)) == failed


def test_words_for_none_are_found_with_any_blanks_around(judge):
    frame = {"a": ["N/A", "\u2003n/a\t", "\u200bn/a", "NaN ", "nano", "", None, "n / a"]}

    (result,) = judge(frame, [check("not_missing", column="a")]).results

    assert [each["record_no"] for each in result.examples] == [1, 2, 4, 6, 7]


def test_a_word_for_none_is_no_pattern(judge):
    frame = {"a": [".", "x", "(n", None]}

    assert bad(judge, frame, check("not_missing", column="a", words=[".", "(n"])) == [1, 3, 4]
    assert bad(judge, frame, check("not_missing", column="a", words=[])) == [4]


RULES = [
    *(check("charset", column="a", without=[each], name=each) for each in get_args(Unwanted)),
    *(check("string_case", column="a", case=case, name=case) for case in get_args(Case)),
    check("date_format", column="a"),
    check("timestamp_format", column="a"),
    check("matches", column="a", pattern=r"\w*"),
    check("not_matches", column="a", pattern=r"\W"),
    check("not_missing", column="a"),
    check("length", column="a", exact=3),
    check("rejected_values", column="a", values=["\0", "ß", "{name}"], ignore_case=True),
    check("column_pair_in_set", left="a", right="b", pairs=[["'; DROP TABLE t", "%s"]]),
    check("truncation", column="a"),
    check("json_valid", column="a"),
    check("json_has_keys", column="a", keys=["a"]),
    check("json_schema", column="a", definition={"type": "string"}),
    check("required_if", when="a = '{name}'", then=["b"]),
]


@pytest.mark.parametrize("bound", RULES, ids=lambda each: each.key)
def test_no_text_stops_a_rule(bound, judge):
    (result,) = judge({"a": HOSTILE, "b": HOSTILE[::-1]}, [bound]).results

    assert result.outcome not in (Outcome.ERRORED, Outcome.NOT_EVALUATED), result.message


@pytest.mark.parametrize("bound", RULES, ids=lambda each: each.key)
def test_a_rule_has_nothing_to_say_of_no_texts(bound, judge):
    import polars as pl

    frame = {"a": pl.Series([], dtype=pl.String), "b": pl.Series([], dtype=pl.String)}

    (result,) = judge(frame, [bound]).results

    assert result.outcome is Outcome.NOT_EVALUATED
