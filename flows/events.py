"""Events: what a run made of each dataset, said so that other flows can be triggered by it."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from prefect.events import emit_event

from flows.summary import DatasetSummary


def emit(run_id: str, dataset: DatasetSummary) -> None:
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
