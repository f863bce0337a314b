"""Artifacts: the reports that a person reads in the Prefect UI, one page a dataset and an index."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import cast
from uuid import UUID

from prefect.artifacts import Artifact, create_markdown_artifact
from prefect.client.schemas.objects import Artifact as Shown

from quality import report
from quality.sentences import points
from quality.view import DatasetView

INDEX = "quality-index"


def key(dataset: str) -> str:
    """The key of a dataset's artifact: the same in every run, and of no other dataset.

    Prefect allows a-z, 0-9 and `-` in it. What cannot be told from another name when only those
    are left is told apart by a piece of its hash.
    """
    plain = re.fullmatch("[a-z0-9]+(_[a-z0-9]+)*", dataset) and dataset != "index"
    slug = "quality-" + re.sub("[^a-z0-9]+", "-", dataset.lower()).strip("-")
    return slug if plain else f"{slug}-{sha256(dataset.encode()).hexdigest()[:8]}"


def publish(views: Sequence[DatasetView], stale: Collection[str] = ()) -> list[str]:
    """Bring the artifacts up to what the warehouse says.

    An artifact that already shows a dataset's latest run stays as it is; on a server that has
    forgotten, or never knew, all are made anew.

    Args:
        views: Every dataset, after its latest run.
        stale: Datasets of which there is news since then.

    Returns:
        The datasets whose artifacts were made.
    """
    made, pages = [], {}
    for view in views:
        latest = cast(Shown | None, Artifact.get(key(view.dataset)))
        if latest and view.run.run_id in str(latest.data) and view.dataset not in stale:
            pages[view.dataset] = _page(latest.id)
        else:
            pages[view.dataset] = _page(_create(key(view.dataset), report.markdown(view), view))
            made.append(view.dataset)
    if made:
        worst = max(views, key=lambda view: (view.run.grade, -(view.run.score or 0)))
        _create(INDEX, report.index_markdown(views, pages), worst)
    return made


def _create(key: str, text: str, worst: DatasetView) -> UUID:
    """Create an artifact whose caption, in the list of all, is a light and the score it is for."""
    light, grade, score = worst.run.grade.light, worst.run.grade.label, points(worst.run.score)
    return cast(UUID, create_markdown_artifact(text, key, f"{light} {grade} {score}"))


def _page(artifact: UUID) -> str:
    """Where an artifact is shown, seen from the page of another: below any root, in either UI."""
    return f"../artifact/{artifact}"
