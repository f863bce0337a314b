"""charset: a text of characters that belong there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import narwhals as nw
from pydantic import Field

from quality.arguments import Column
from quality.patterns import BLANKS
from quality.rule import Example, rule

Unwanted = Literal[
    "control", "invisible", "outer_blanks", "line_breaks", "quotes", "non_ascii", "replacement"
]

_FOUND: Mapping[Unwanted, tuple[str, str]] = {
    "control": (r"[\x{0}-\x{9}\x{E}-\x{1F}\x{7F}-\x{84}\x{86}-\x{9F}]", "control characters"),
    "invisible": (
        r"[\x{AD}\x{34F}\x{61C}\x{180E}\x{200B}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2060}-\x{206F}"
        r"\x{FEFF}\x{FFF9}-\x{FFFB}]",
        "invisible characters",
    ),
    "outer_blanks": (rf"\A[{BLANKS}]|[{BLANKS}]\z", "blanks around it"),
    "line_breaks": (r"[\n-\r\x{85}\x{2028}\x{2029}]", "line breaks"),
    "quotes": ('["“”„‟«»]', "quotation marks"),
    "non_ascii": (r"[^\x{0}-\x{7F}]", "characters beyond ASCII"),
    "replacement": (r"\x{FFFD}", "characters that were lost"),
}
"""What is looked for, and what it is called."""
UNPRINTABLE: list[Unwanted] = ["control", "invisible", "outer_blanks", "replacement"]


def _told(given: Mapping[str, Any]) -> str:
    return ", ".join(_FOUND[each][1] for each in given["without"])


@rule(
    dimension="validity",
    expects=lambda given: f"without {_told(given)}",
    fault=lambda given: f"{{column}} has {' or '.join(_told(given).rsplit(', ', 1))}",
    examples=[
        Example(
            {"column": "name"},
            good={"name": ["Zoë", "a b", "李", "👨\u200d👩\u200d👧", "e\u0301", "", "a\nb", None]},
            bad={
                "name": [
                    " a",
                    "a\u00a0",
                    "a\x00b",
                    "a\tb",
                    "a\u200bb",
                    "\ufeffa",
                    "a\u202eb",
                    "Zo\ufffd",
                ]
            },
        ),
        Example(
            {"column": "code", "without": ["non_ascii", "quotes", "line_breaks"]},
            good={"code": ["A-1 ~", "O'Neill", " "]},
            bad={"code": ["Ä", "'А'", '"A"', "A\nB", "A\u2028B", "“A”"]},
        ),
    ],
)
def charset(
    column: Column, without: Annotated[list[Unwanted], Field(min_length=1)] = UNPRINTABLE
) -> nw.Expr:
    """No text has characters of some kinds in it: by default, none that nobody sees.

    Two names that look alike and are not the same join with nothing: one has a blank behind it, a
    zero-width space in it, or a Cyrillic A. They come from copies out of documents and web pages.

    Instead: to say which characters may be there, and in which order, use `matches`. Blanks that a
    supplier puts around everything are best trimmed where the file is read.

    Also known as: Leading_Spaces, Non_Printing_Chars, Quoted_Values (TestGen), ascii
    (Frictionless), expect_column_values_to_not_match_regex (Great Expectations).

    Args:
        column: A column of text.
        without: What must not be in it. `control`: control characters, a tab among them;
            `line_breaks`; `invisible`: signs without a width, marks of direction, soft hyphens, but
            not the joiners that emoji and some scripts need; `outer_blanks`: blanks at either end;
            `quotes`: quotation marks, but not apostrophes; `non_ascii`: all beyond plain English;
            `replacement`: the sign that stands for a character lost in decoding.
    """
    return ~nw.col(column).str.contains("|".join(_FOUND[each][0] for each in without))
