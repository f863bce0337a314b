"""What can be wrong with a file of text as a whole: CSV or JSON."""

from __future__ import annotations

from ingest.codes.code import Code, Effect

CODES = (
    Code(
        name="empty-file",
        title="Nothing in it",
        says=(
            "the file is empty",
            "the file is empty: not even a header",
            "the file is empty: it has no columns",
            "no sheet of the workbook has anything in it",
            "there is nothing in the sheet {sheet}",
        ),
        example="the file is empty: not even a header",
        remedy="Send it again, with its records, or with its header alone where there are none.",
        effects=(Effect.FATAL,),
    ),
    Code(
        name="encoding-differs",
        title="Another encoding than the contract says",
        says=(
            "it begins with the byte order mark of {encoding}, and is read so; the contract says "
            "{declared}",
        ),
        example="it begins with the byte order mark of utf-16, and is read so; the contract says "
        "cp1252",
        remedy="Change `encoding` in the contract, or leave it out.",
        effects=(Effect.TOLD,),
    ),
    Code(
        name="mixed-line-endings",
        title="Lines that end in several ways",
        says=("some lines end with {ending}, and others with {other}",),
        example="some lines end with LF, and others with CRLF",
        remedy="None is needed: each is the end of a record. Files that were joined end like this, "
        "so see whether more than one was.",
        effects=(Effect.TOLD,),
    ),
    Code(
        name="blank-header",
        title="A column without a name",
        says=(
            "column {position} has no name; it is called {name}",
            "column {letters} has no name; it is called {name}",
        ),
        example="column 3 has no name; it is called column_3",
        remedy="Name it in the header. A delimiter at the end of each line makes such a column.",
        effects=(Effect.TOLD,),
    ),
    Code(
        name="duplicate-header",
        title="Two columns with one name",
        says=("column {position} is called {name} again; it is taken as {other}",),
        example="column 3 is called name again; it is taken as name__3",
        remedy="Give each column a name of its own.",
        effects=(Effect.TOLD,),
    ),
    Code(
        name="no-header",
        title="No header",
        says=(
            "the file has no header; its columns are taken in the order of the contract",
            "the file has no header; its columns are called column_1 to column_{count}",
            "the file has no header, and {fields} fields where the contract has {columns} columns; "
            "send it with a header, or say in the contract that it has none",
            "row {row} of {sheet} is empty, and should name the columns",
        ),
        example="the file has no header; its columns are taken in the order of the contract",
        remedy="Send it with a header, or say `format: {type: csv, header: false}`. Without a "
        "contract, or with as many columns as that has, it is loaded all the same.",
        effects=(Effect.TOLD, Effect.FATAL),
    ),
    Code(
        name="unsure-header",
        title="Perhaps a header",
        says=("it is not clear whether there is a header; line {line} {what}",),
        example="it is not clear whether there is a header; line 1 names the columns",
        remedy="Say in the contract whether there is one: `format: {type: csv, header: true}`.",
        effects=(Effect.TOLD,),
    ),
    Code(
        name="ragged-header",
        title="A header of another width than the records",
        says=("the header names {columns} columns, and most records have {fields} fields",),
        example="the header names 3 columns, and most records have 4 fields",
        remedy="Write as many names into the header as the records have fields.",
        effects=(Effect.TOLD,),
    ),
    Code(
        name="repeated-header",
        title="The header, again",
        says=("line {line} repeats the header; it is read as a record",),
        example="line 4 repeats the header; it is read as a record",
        remedy="Join files without their headers.",
        effects=(Effect.TOLD,),
    ),
    Code(
        name="records-in-quotes",
        title="Records within quotes",
        says=(
            "a quote that opens on line {line} closes on line {last}, so that {count} lines that "
            "look like records are read as one",
        ),
        example="a quote that opens on line 2 closes on line 4, so that 3 lines that look like "
        "records are read as one",
        remedy="See whether it should be closed on its own line. A quote within a quoted value is "
        "written twice.",
        effects=(Effect.TOLD,),
    ),
    Code(
        name="several-headers",
        title="A header of several lines",
        says=("line {line} looks like another header; it is read as a record",),
        example="line 2 looks like another header; it is read as a record",
        remedy="Write one header, or say how many lines stand above it: `skip`.",
        effects=(Effect.TOLD,),
    ),
    Code(
        name="preamble",
        title="Something above the table",
        says=(
            "the table begins on line {line}; what stands above it is left out: {text}",
            "row {row} names the columns, and what stands above it in row {rows} is left out",
        ),
        example="the table begins on line 3; what stands above it is left out: 'Orders of May'",
        remedy="None is needed. `skip` in the contract says how many lines to leave out.",
        effects=(Effect.TOLD,),
    ),
    Code(
        name="footnote",
        title="Something below the table",
        says=(
            "the last line is a note below the table: {text}",
            "the last {count} lines are notes below the table: {text}",
        ),
        example="the last line is a note below the table: 'Source: the warehouse'",
        remedy="Leave it out of the file. Its lines are in quarantine, as they are no records.",
        effects=(Effect.TOLD,),
    ),
    Code(
        name="total-row",
        title="A total among the records",
        says=("the last record looks like a total, and is taken as a record: {text}",),
        example="the last record looks like a total, and is taken as a record: 'Total'",
        remedy="Leave it out of the file, or let a check quarantine it.",
        effects=(Effect.TOLD,),
    ),
    Code(
        name="cut-off",
        title="The last record is half there",
        says=(
            "line {line}, the last one, is no whole record: the file may be cut off",
            "the last object is not closed: the file may be cut off",
        ),
        example="line 4, the last one, is no whole record: the file may be cut off",
        remedy="Send it again, whole. A sidecar with the number of records tells it for sure.",
        effects=(Effect.INCOMPLETE,),
    ),
    Code(
        name="truncated-array",
        title="A JSON array without its end",
        says=("the array is not closed; what should follow its last record is missing",),
        example="the array is not closed; what should follow its last record is missing",
        remedy="Send it again, whole.",
        effects=(Effect.INCOMPLETE,),
    ),
    Code(
        name="no-records",
        title="No records where they should be",
        says=("there is no array at {records}",),
        example="there is no array at data.items",
        remedy="Say in the contract where the array of records is: `format: {records: …}`.",
        effects=(Effect.FATAL,),
    ),
    Code(
        name="records-within",
        title="Records within an object",
        says=(
            "the records stand in an array at {records}; say so with format.records",
            "arrays of records stand at {records}; say which with format.records",
        ),
        example="the records stand in an array at data.items; say so with format.records",
        remedy="Say in the contract where they are: `format: {type: json, records: data.items}`.",
        effects=(Effect.TOLD,),
    ),
)
