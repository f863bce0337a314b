"""What can be wrong with a record, so that it cannot be judged by rules: its structure."""

from __future__ import annotations

from ingest.codes.code import Code, Effect

CODES = (
    Code(
        name="ragged-record",
        title="Too few fields, or too many",
        says=(
            "it has {found} fields where {width} are expected",
            "it has 1 field where {width} are expected",
            "it does not split into {width} fields",
        ),
        example="it has 3 fields where 2 are expected",
        remedy="Quote a value that holds the delimiter, and write every field, empty or not.",
        effects=(Effect.RECORD,),
    ),
    Code(
        name="unclosed-quote",
        title="A quote that is not closed",
        says=("a quote is opened and not closed",),
        example="a quote is opened and not closed",
        remedy="Close it; write a quote within a quoted value twice.",
        effects=(Effect.RECORD,),
    ),
    Code(
        name="text-after-quote",
        title="Text after a quote is closed",
        says=("text follows a closing quote",),
        example="text follows a closing quote",
        remedy="Write a quote within a quoted value twice.",
        effects=(Effect.RECORD,),
    ),
    Code(
        name="undecodable-record",
        title="Bytes that are no text in the file's encoding",
        says=(
            "byte {byte} of the line ({value}) is not {encoding}",
            "byte {byte} of the record ({value}) is not {encoding}",
            "it holds bytes that are not {encoding}, shown as escapes",
            "{columns} holds bytes that are not UTF-8",
        ),
        example="byte 3 of the line (0xff) is not UTF-8",
        remedy="Write the whole file in one encoding, or name it in the contract: `encoding`.",
        effects=(Effect.RECORD,),
    ),
    Code(
        name="nul-byte",
        title="A NUL byte",
        says=("it holds a NUL byte, at byte {byte} of the line",),
        example="it holds a NUL byte, at byte 4 of the line",
        remedy="Leave NUL bytes out of text.",
        effects=(Effect.RECORD,),
    ),
    Code(
        name="endless-record",
        title="Longer than a record may be",
        says=("it is longer than {size} MB",),
        example="it is longer than 16 MB",
        remedy="Look for a quote or a bracket that is not closed.",
        effects=(Effect.RECORD,),
    ),
    Code(
        name="invalid-json",
        title="No JSON",
        says=("it is not valid JSON: {problem}", "it is nested deeper than can be read"),
        example="it is not valid JSON: invalid number at line 1 column 9 of the record",
        remedy="Write JSON as its standard asks: no NaN, no comma at the end, no comments.",
        effects=(Effect.RECORD,),
    ),
    Code(
        name="not-an-object",
        title="JSON, and no object",
        says=("it is {value}, not an object",),
        example="it is [1], not an object",
        remedy='Write each record as an object: {"name": value, …}.',
        effects=(Effect.RECORD,),
    ),
    Code(
        name="duplicate-key",
        title="A key that stands in an object twice",
        says=("the key {key} stands in it twice",),
        example='the key "id" stands in it twice',
        remedy="Write each key once; nobody can tell which of the values is meant.",
        effects=(Effect.RECORD,),
    ),
    Code(
        name="unknown-value",
        title="A value in a column that the contract does not have",
        says=("it has a value in {columns}, which the contract does not have",),
        example="it has a value in coupon, which the contract does not have",
        remedy="Add the column to the contract, or ask the supplier to leave it out.",
        effects=(Effect.RECORD,),
    ),
    Code(
        name="more-bad-records",
        title="More records that do not fit",
        says=("{count} more records do not fit",),
        example="100 more records do not fit",
        remedy="`pratique check` lists the first hundred, `pratique preview --all` all of them.",
        effects=(Effect.RECORD,),
    ),
    Code(
        name="bad-record",
        title="A record that does not fit",
        says=("{reason}",),
        example="it does not fit",
        remedy="Look at the record: `pratique quarantine list` shows it as it came.",
        effects=(Effect.RECORD,),
    ),
)
