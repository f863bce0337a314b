"""What can be otherwise than it was agreed on: columns, types, tables, and what a sidecar says."""

from __future__ import annotations

from ingest.codes.code import Code, Effect

CODES = (
    Code(
        name="missing-column",
        title="A required column is missing",
        says=(
            "the column {name} is missing; the file has {columns}",
            "{name} is missing; {other} is new and looks like it: rename it in the contract or "
            "ask the supplier",
            "… and {count} more like these",
        ),
        example="customer_id is missing; cust_id is new and looks like it: rename it in the "
        "contract or ask the supplier",
        remedy="Send it again with the column, or say `required: false`. Only what the header or "
        "the keys say counts, in any order.",
        effects=(Effect.FATAL,),
    ),
    Code(
        name="renamed-column",
        title="A column seems to have another name",
        says=(
            "{name} is missing; {other} is new and looks like it: rename it in the contract or "
            "ask the supplier",
            "… and {count} more like these",
        ),
        example="customer_id is missing; cust_id is new and looks like it: rename it in the "
        "contract or ask the supplier",
        remedy="Rename the column in the contract, or ask the supplier to name it as before. As "
        "it is not required, it is null for now.",
        effects=(Effect.TOLD,),
    ),
    Code(
        name="unknown-column",
        title="A column that the contract does not have",
        says=(
            "the contract has no column {name}; it goes to _rescued",
            "the contract has no column {name}; it is added to the table",
            "the contract has no column {name}; it holds no value",
            "the contract has no column {name}; a record with a value in it goes to quarantine",
            "… and {count} more like these",
        ),
        example="the contract has no column coupon; it goes to _rescued",
        remedy="Add it to the contract, or say what to do about such: `schema_contract`.",
        effects=(Effect.TOLD,),
    ),
    Code(
        name="frozen-column",
        title="A column too many, where the contract takes no others",
        says=(
            "the contract has no column {name}; it takes no others: add it there, or ask the "
            "supplier to leave it out",
            "… and {count} more like these",
        ),
        example="the contract has no column coupon; it takes no others: add it there, or ask the "
        "supplier to leave it out",
        remedy="Add it to the contract and approve the load, or ask for the file without it.",
        effects=(Effect.FATAL,),
    ),
    Code(
        name="changed-type",
        title="A column without a value of its type",
        says=("no value of {name} is {type}; it looks like {other}",),
        example="no value of id is integer; it looks like date",
        remedy="Ask the supplier what has changed, then the type in the contract.",
        effects=(Effect.TOLD,),
    ),
    Code(
        name="frozen-type",
        title="A value without its type, where the types are frozen",
        says=(
            "{name} is frozen as {type}, and 1 value is not, the first in record {number}: "
            "{text}; it looks like {other}",
            "{name} is frozen as {type}, and {count} values are not, the first in record {number}: "
            "{text}; it looks like {other}",
        ),
        example="id is frozen as integer, and 1 value is not, the first in record 2: 'a lot'; it "
        "looks like varchar",
        remedy="Ask for the file with values of the type, or change `schema_contract: {types: …}`.",
        effects=(Effect.FATAL,),
    ),
    Code(
        name="frozen-table",
        title="No table, where no load may make it",
        says=(
            "there is no table {table}, and the contract lets no load make it: make it by hand, "
            "or say `tables: evolve`",
        ),
        example="there is no table main.sales, and the contract lets no load make it: make it by "
        "hand, or say `tables: evolve`",
        remedy="Make the table, or say `schema_contract: {tables: evolve}`; then approve the load, "
        "or `pratique reload` it where it was rejected.",
        effects=(Effect.FATAL,),
    ),
    Code(
        name="sidecar-sha256",
        title="Not the file that its sidecar is about",
        says=(
            "{file}: its sidecar says that it has the sha256 {expected}, and it has {found}; send "
            "the file again, or a sidecar that is about this one",
        ),
        example="sales.csv: its sidecar says that it has the sha256 "
        "0000000000000000000000000000000000000000000000000000000000000000, and it has "
        "9ff5991778ff2072c30eebbc7ce09d5cf0f687d9adc606387b0370a47ceadbeb; send the file again, or "
        "a sidecar that is about this one",
        remedy="Send the file again, or a sidecar that is about this one.",
        effects=(Effect.DOUBTFUL,),
    ),
    Code(
        name="sidecar-records",
        title="Not as many records as its sidecar says",
        says=(
            "{file}: its sidecar says that it has {expected} records, and it has {found}; send "
            "the file again, or a sidecar that is about this one",
        ),
        example="sales.csv: its sidecar says that it has 4 records, and it has 3; send the file "
        "again, or a sidecar that is about this one",
        remedy="Send the file again, or a sidecar that is about this one.",
        effects=(Effect.DOUBTFUL,),
    ),
    Code(
        name="symbolic-link",
        title="A link, and no file",
        says=("it is a symbolic link, which a run leaves alone; put the file itself there",),
        example="it is a symbolic link, which a run leaves alone; put the file itself there",
        remedy="Put the file itself into the landing directory.",
        effects=(Effect.TOLD,),
    ),
)
