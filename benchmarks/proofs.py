"""What a project says of itself, proved: after a kill, and when a run has come to its end."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from flows import auditing
from flows import project as projects
from flows.auditing import Audit
from flows.project import Project
from flows.run import write_reports
from ingest import manifest, warehouse
from ingest.ledger import Difference
from quality import charts, history

LOOKS = 5
"""How often somebody looks who reads along."""
HELD = 0.05
"""Seconds for which the warehouse is held then, and let go of."""
PATIENCE = 600
"""Seconds to wait for a run to let go of the warehouse."""


def unproved(project: Path) -> list[str]:
    """Tell what a killed run left that a reader must never see: audit what is there.

    Args:
        project: The file of the project.
    """
    found = _audit(projects.read(project))
    return _told(found.differences) if found else []


def unfinished(project: Path) -> list[str]:
    """Tell what a run that came to its end left undone, or not as it says.

    Args:
        project: The file of the project.
    """
    known = projects.read(project)
    found = _audit(known)
    if not found:
        return ["there is no warehouse"]
    strays = [f"blobs/{stray} belongs to nothing" for stray in found.strays]
    return [*_told(found.differences), *strays, *_outdated(known)]


def read_along(project: Path) -> list[str]:
    """Look at a warehouse while runs are at work, and tell what a reader must never see.

    Args:
        project: The file of the project.
    """
    known, seen = projects.read(project), []
    for _ in range(LOOKS):
        if known.warehouse.exists():
            with warehouse.connect(known.warehouse, read_only=True, patience=PATIENCE) as con:
                seen += auditing.read_claims(known, con).differences if manifest.exists(con) else []
                time.sleep(HELD)
        time.sleep(HELD)
    return _told(seen)


def undrawn() -> None:
    """Leave charts out of reports: to draw takes each process a second, and shows nothing here."""
    setattr(charts, "draw", lambda *rows, **look: "")  # noqa: B010


def _audit(project: Project) -> Audit | None:
    if not project.warehouse.exists():
        return None
    with warehouse.connect(project.warehouse, read_only=True) as con:
        claims = auditing.read_claims(project, con) if manifest.exists(con) else None
    return auditing.prove(project, claims) if claims else None


def _told(differences: Iterable[Difference]) -> list[str]:
    return [f"{one.code}, {one.file or one.dataset}: {one.message}" for one in differences]


def _outdated(project: Project) -> Iterator[str]:
    """Find reports that say something else than the warehouse does."""
    undrawn()
    with TemporaryDirectory() as directory:
        again = project.model_copy(update={"reports": Path(directory)})
        with warehouse.connect(project.warehouse, read_only=True) as con:
            written = write_reports(again, con, history.datasets(con))
        for path in written:
            report = project.reports / path.name
            if not report.is_file() or report.read_bytes() != path.read_bytes():
                yield f"reports/{path.name} is not what the warehouse says"
