"""What can be wrong with a Parquet file or an Excel workbook as a whole."""

from __future__ import annotations

from ingest.codes.code import Code, Effect

CODES = (
    Code(
        name="not-parquet",
        title="No Parquet file",
        says=("it is not a Parquet file: it does not begin with PAR1",),
        example="it is not a Parquet file: it does not begin with PAR1",
        remedy="Send a Parquet file, or name the right format in the contract.",
        effects=(Effect.FATAL,),
    ),
    Code(
        name="truncated-file",
        title="A Parquet file without its end",
        says=("the file is cut off: a Parquet file ends with PAR1; send it again, whole",),
        example="the file is cut off: a Parquet file ends with PAR1; send it again, whole",
        remedy="Send it again, whole: what its records are stands at its end.",
        effects=(Effect.FATAL,),
    ),
    Code(
        name="damaged-file",
        title="A damaged file",
        says=(
            "the file is damaged: {damage}; send it again",
            "the workbook is damaged: {damage}; save it anew and send it again",
        ),
        example="the workbook is damaged: File is not a zip file; save it anew and send it again",
        remedy="Write it anew and send it again.",
        effects=(Effect.FATAL,),
    ),
    Code(
        name="encrypted-file",
        title="An encrypted file",
        says=(
            "the file is encrypted, and there is no key for it; send it without encryption",
            "the workbook is protected by a password; save it without one",
        ),
        example="the file is encrypted, and there is no key for it; send it without encryption",
        remedy="Send it without encryption, over a channel that protects it.",
        effects=(Effect.FATAL,),
    ),
    Code(
        name="not-excel",
        title="No Excel workbook",
        says=(
            "it is no Excel workbook: it begins with {bytes}",
            "it is no .xlsx workbook; open it in Excel and save it as .xlsx",
        ),
        example="it is no Excel workbook: it begins with 'id,name\\n'",
        remedy="Save it as .xlsx, or name the right format in the contract.",
        effects=(Effect.FATAL,),
    ),
    Code(
        name="old-excel",
        title="A workbook of before 2007",
        says=("it is an old workbook, an .xls; open it in Excel and save it as .xlsx",),
        example="it is an old workbook, an .xls; open it in Excel and save it as .xlsx",
        remedy="Save it as .xlsx.",
        effects=(Effect.FATAL,),
    ),
    Code(
        name="unknown-sheet",
        title="A sheet that is not there",
        says=("there is no sheet {name} in it; it has {sheets}",),
        example="there is no sheet Returns in it; it has Orders",
        remedy="Name the sheet as it is called: `format: {type: excel, sheet: …}`.",
        effects=(Effect.FATAL,),
    ),
    Code(
        name="several-sheets",
        title="Several sheets",
        says=(
            "only the sheet {sheet} is read, and not {others}; the contract can name another: "
            "format: {type: excel, sheet: …}",
        ),
        example="only the sheet Orders is read, and not Notes; the contract can name another: "
        "format: {type: excel, sheet: …}",
        remedy="Name the sheet in the contract.",
        effects=(Effect.TOLD,),
    ),
    Code(
        name="merged-header",
        title="Merged cells in the header",
        says=(
            "cells of the header are merged, as {cells} are: only the first column of them has "
            "the name",
        ),
        example="cells of the header are merged, as A1:B1 are: only the first column of them has "
        "the name",
        remedy="Name each column by itself.",
        effects=(Effect.TOLD,),
    ),
    Code(
        name="merged-cells",
        title="Merged cells",
        says=(
            "cells are merged in {count} places, first in {cells}: only the first of them has the "
            "value",
        ),
        example="cells are merged in 1 places, first in A2:A3: only the first of them has the "
        "value",
        remedy="Write the value into each cell.",
        effects=(Effect.TOLD,),
    ),
    Code(
        name="missing-value",
        title="Formulas without their values",
        says=(
            "formulas in {count} rows came without their values, first in {cell}; open the "
            "workbook in Excel, save it and send it again",
        ),
        example="formulas in 1 rows came without their values, first in B2; open the workbook in "
        "Excel, save it and send it again",
        remedy="Open the workbook in Excel, save it and send it again.",
        effects=(Effect.INCOMPLETE,),
    ),
    Code(
        name="decompression-bomb",
        title="A file that unpacks to more than is plausible",
        says=(
            "{size} bytes claim to be {count} records of {count} columns",
            "{part} in it unpacks to more than {size} MB",
            "its rows take more than {size} MB",
        ),
        example="_rels/.rels in it unpacks to more than 64 MB",
        remedy="Send it as CSV.",
        effects=(Effect.FATAL,),
    ),
)
