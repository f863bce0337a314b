"""What stands below a table is rejected like any misfit, and called by its name."""

import pytest

HEADER = b"id,name,day\n1,x,2024-01-01\n"


@pytest.mark.parametrize(
    ("below", "rejected", "codes"),
    [
        (b"2,y,2024-01-02\n", 0, []),
        (b"\nTotal: 5\n", 1, ["footnote"]),
        (b"\nSource: us\nas of today\n\n", 2, ["footnote"]),
        (b"EOF", 1, ["footnote"]),
        (b"2,y\n\xe2\x80\xa0 as of today\n", 2, ["footnote"]),
        (b"2,y\n", 1, []),
        (b"7\n", 1, []),
        (b"note\n2,y,2024-01-02\n", 1, []),
        (b"as of\n" * 100, 100, []),
        (b"2,y", 1, ["cut-off"]),
        (b"2", 1, ["cut-off"]),
        (b'2,"y', 1, ["cut-off"]),
        (b"2,y\xc3", 1, ["cut-off"]),
        (b"2,y,2024-01-\xff\n", 1, []),
        (b"2,y,2024-01-0", 0, []),
        (b"Total,,\n", 0, ["total-row"]),
        (b'"Sum of all",,"5"', 0, ["total-row"]),
        (b"Totally,x,2024-01-01\n", 0, []),
    ],
)
def test_notes_totals_and_half_records_are_told_apart(stage, below, rejected, codes):
    staged = stage(HEADER + below)
    assert [error.code for error in staged.errors] == codes
    assert staged.rejected == rejected
    assert staged.records == 1 + len([line for line in below.splitlines() if line])


def test_a_note_says_where_it_stands(stage):
    (error,) = stage(HEADER + b"\nSource: us\nas of today\n").errors
    assert (error.line, error.byte) == (4, len(HEADER) + 1)
    assert error.message == "the last 2 lines are notes below the table: 'Source: us'"
    assert not error.incomplete


def test_a_file_that_is_cut_off_is_not_whole(stage):
    (error,) = stage(HEADER + b"2,y").errors
    assert (error.line, error.incomplete) == (3, True)
