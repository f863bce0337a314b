"""Events: what came, and what a run made of it, said so that other flows can be triggered by it."""

from __future__ import annotations

from dataclasses import asdict
from uuid import NAMESPACE_URL, uuid5

from prefect.events import emit_event

from flows.summary import DatasetSummary
from ingest.sightings import News


def file_seen(sighting: News) -> None:
    """Emit `pratique.file.<arrival>` about `pratique.file.<name>`.

    Each look is told once, however often this is tried.

    Args:
        sighting: What a file was seen to be, or to have become.
    """
    resource = f"pratique.file.{sighting.name}"
    dataset = {
        "prefect.resource.id": f"pratique.dataset.{sighting.dataset}",
        "prefect.resource.role": "dataset",
    }
    emit_event(
        event=f"pratique.file.{sighting.arrival}",
        resource={"prefect.resource.id": resource, "prefect.resource.name": sighting.name},
        related=[dataset] if sighting.dataset else [],
        payload=asdict(sighting),
        id=uuid5(NAMESPACE_URL, f"{resource}/{sighting.run_id}/{sighting.look_id}"),
    )


def dataset_judged(run_id: str, dataset: DatasetSummary) -> None:
    """Emit `pratique.dataset.<grade>` about `pratique.dataset.<name>`.

    A run says it once: a second attempt emits the same event again, which Prefect keeps once.

    Args:
        run_id: The run that judged the dataset.
        dataset: What it came to.
    """
    resource = f"pratique.dataset.{dataset.dataset}"
    emit_event(
        event=f"pratique.dataset.{dataset.grade}",
        resource={"prefect.resource.id": resource, "prefect.resource.name": dataset.dataset},
        payload=dataset.model_dump(mode="json") | {"run_id": run_id},
        id=uuid5(NAMESPACE_URL, f"{resource}/{run_id}"),
    )
