"""What can be wrong with the packing of a file."""

from __future__ import annotations

from ingest.codes.code import Code, Effect

CODES = (
    Code(
        name="unexpected-container",
        title="Packed, though its name does not say so",
        says=("it is {kind}, which its name does not say",),
        example="it is gzip, which its name does not say",
        remedy="None is needed. The supplier may add the ending: `orders.csv.gz`.",
        effects=(Effect.TOLD,),
    ),
    Code(
        name="not-a-container",
        title="Not packed, though its name says so",
        says=("it is no {kind}, though its name ends in {ending}; it is read as it is",),
        example="it is no gzip, though its name ends in .gz; it is read as it is",
        remedy="None is needed. The supplier may leave the ending away.",
        effects=(Effect.TOLD,),
    ),
    Code(
        name="truncated-compression",
        title="Compressed, and cut off",
        says=(
            "the {kind} ends before its end mark, so it is incomplete; send it again",
            "the {kind} ends before its end mark, so it is incomplete; send it again. Its last "
            "line is cut off and left out: {text}",
        ),
        example="the gzip ends before its end mark, so it is incomplete; send it again. Its last "
        "line is cut off and left out: 3",
        remedy="Send it again, whole. Its whole records are there; the byte tells how far it went.",
        effects=(Effect.INCOMPLETE,),
    ),
    Code(
        name="trailing-bytes",
        title="Bytes after the end of the compressed data",
        says=("what follows the end mark is no {kind}, and was left out",),
        example="what follows the end mark is no gzip, and was left out",
        remedy="Ask the supplier what the bytes are. Padding is harmless; a second file is not.",
        effects=(Effect.INCOMPLETE,),
    ),
    Code(
        name="damaged-container",
        title="Packed, and damaged",
        says=("{damage}; send it again",),
        example="its bytes are not those that were packed: size or checksum differ; send it again",
        remedy="Send it again. If it comes the same, pack it again.",
        effects=(Effect.FATAL,),
    ),
    Code(
        name="empty-archive",
        title="An archive without a file",
        says=("there is no file in the archive",),
        example="there is no file in the archive",
        remedy="Pack the files into it and send it again.",
        effects=(Effect.FATAL,),
    ),
    Code(
        name="unsafe-member",
        title="A member that cannot be put anywhere",
        says=(
            "its path in the archive, {path}, leads out of it; pack it with a relative one",
            "its path in the archive is longer than {most} characters; shorten it",
            "it is a symbolic link; pack the file that it leads to",
            "it is no regular file; pack files only",
        ),
        example="its path in the archive, ../sales.csv, leads out of it; pack it with a relative "
        "one",
        remedy="Pack files only, with relative paths. The other members are loaded.",
        effects=(Effect.FATAL,),
    ),
    Code(
        name="duplicate-member",
        title="Members with one name",
        says=("the archive has {count} members called {name}; send the one that counts",),
        example="the archive has 2 members called sales.csv; send the one that counts",
        remedy="Send the archive with the one that counts. The other members are loaded.",
        effects=(Effect.FATAL,),
    ),
    Code(
        name="encrypted-member",
        title="A member with a password",
        says=("it is encrypted; send it without a password",),
        example="it is encrypted; send it without a password",
        remedy="Send it without a password, over a channel that protects it.",
        effects=(Effect.FATAL,),
    ),
    Code(
        name="unsupported-compression",
        title="A member packed in an unknown way",
        says=("it is packed by method {method}; pack it with deflate or zstd",),
        example="it is packed by method 97; pack it with deflate or zstd",
        remedy="Pack it with deflate, the default of most programs, or zstd.",
        effects=(Effect.FATAL,),
    ),
    Code(
        name="foreign-container",
        title="An archive of a kind that is not unpacked",
        says=("it is {kind}, which is not unpacked here; send it as zip or gzip",),
        example="it is tar, which is not unpacked here; send it as zip or gzip",
        remedy="Pack it as zip, or one file by itself with gzip, zstd, bzip2 or xz.",
        effects=(Effect.FATAL,),
    ),
    Code(
        name="nested-too-deep",
        title="Containers within containers",
        says=("there are more than {most} containers within each other; pack it once",),
        example="there are more than 3 containers within each other; pack it once",
        remedy="Pack it once. `limits: {depth: …}` in pratique.yaml allows more.",
        effects=(Effect.FATAL,),
    ),
    Code(
        name="too-many-members",
        title="More members than are allowed",
        says=("it has more than {most} members; send fewer",),
        example="it has more than 2 members; send fewer",
        remedy="Send several archives, or allow more: `limits: {members: …}` in pratique.yaml.",
        effects=(Effect.FATAL,),
    ),
    Code(
        name="unpacks-too-large",
        title="Unpacks to more than is allowed",
        says=(
            "it unpacks to more than the {size} MB that its limits allow; if it is sound, raise "
            "limits.unpacked or limits.ratio in pratique.yaml",
        ),
        example="it unpacks to more than the 2 MB that its limits allow; if it is sound, raise "
        "limits.unpacked or limits.ratio in pratique.yaml",
        remedy="It may be a bomb. If the supplier stands for it, raise the limit.",
        effects=(Effect.FATAL,),
    ),
)
