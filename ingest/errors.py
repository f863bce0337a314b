"""What can go wrong while files become rows.

IngestError
├── TerminalError          trying again cannot help
│   ├── FileUnreadable     the file cannot be read as what it claims to be
│   ├── SidecarInvalid     what stands beside a file to tell about it does not
│   ├── FileUnknown        no file that was received is meant
│   ├── NotHeld            only a held or parked load can be approved or rejected
│   ├── SchemaConflict     the warehouse table cannot take the contract's columns
│   └── BalanceBroken      the counts do not add up; nothing was committed
└── TransientError         trying again may help
    ├── FilePartial        the file changed while it was being read
    ├── NoRoom             a disk is too full
    └── WarehouseBusy      another process holds the warehouse
"""

from __future__ import annotations


class IngestError(Exception):
    """Anything that stops a file on its way into the warehouse."""


class TerminalError(IngestError):
    """Trying again cannot help."""


class FileUnreadable(TerminalError):
    """The file cannot be read as what it claims to be."""


class SidecarInvalid(TerminalError):
    """What stands beside a file to tell about it does not."""


class FileUnknown(TerminalError):
    """No file that was received is meant."""


class NotHeld(TerminalError):
    """Only a held or parked load can be approved or rejected."""


class SchemaConflict(TerminalError):
    """The warehouse table cannot take the contract's columns."""


class BalanceBroken(TerminalError):
    """The counts do not add up; nothing was committed."""


class TransientError(IngestError):
    """Trying again may help."""


class FilePartial(TransientError):
    """The file changed while it was being read."""


class NoRoom(TransientError):
    """A disk is too full."""


class WarehouseBusy(TransientError):
    """Another process holds the warehouse."""
