"""The artifacts on a real server: under which keys, what they hold, and when they are made."""

import re
from uuid import UUID

import pytest
from prefect import flow, get_client

from flows import artifacts, project, steps
from flows.server import call
from quality import overview
from quality.report import LARGEST_MARKDOWN

pytestmark = pytest.mark.prefect

NAMES = ["flights", "a_b", "a__b", "ab", "A_B", "a_b_", "index", "Index", "_", "x1", "X1", "a_B"]


def latest(server):
    found = call(server, "artifacts/latest/filter", artifacts={"key": {"like_": "quality-"}})
    return {each["key"]: each for each in found}


def views(directory):
    with steps.open_warehouse(project.read(directory / "pratique.yaml")) as con:
        return overview.read_views(con)


@pytest.mark.parametrize("name", NAMES)
def test_a_key_is_one_that_prefect_allows(name):
    assert re.fullmatch("quality-[a-z0-9-]*", artifacts.key(name))


def test_no_two_datasets_share_a_key():
    keys = [artifacts.INDEX, *map(artifacts.key, NAMES)]
    assert len(set(keys)) == len(keys)


def test_an_ordinary_name_is_read_off_its_key():
    assert artifacts.key("web_orders") == "quality-web-orders"


def test_each_dataset_has_its_report_and_the_index_leads_to_it(
    prefect_server, sample_run, sample_project
):
    made = {"flow_run_id": {"any_": [str(sample_run.state_details.flow_run_id)]}}
    artifacts_made = call(prefect_server, "artifacts/filter", artifacts=made)
    found = {each["key"]: each for each in artifacts_made}
    index = found["quality-index"]
    for view in views(sample_project):
        report = found[artifacts.key(view.dataset)]
        light, score = view.run.grade.light, f"{view.run.score:.3f}"
        assert report["type"] == "markdown"
        assert report["description"] == f"{light} {view.run.grade.label} {score}"
        assert report["data"].startswith(f"# {light} {view.dataset}\n")
        assert f"Score **{score}**" in report["data"]
        assert len(report["data"].encode()) <= LARGEST_MARKDOWN
        assert f"[{view.dataset}](../artifact/{report['id']})" in index["data"]
    assert found["quality-flights"]["data"].count("](data:image/svg+xml;base64,") >= 2


def test_a_report_is_made_once_for_each_run_and_again_when_it_is_lost(
    prefect_server, sample_run, sample_project
):
    publish = flow(artifacts.publish, name="publish", validate_parameters=False)
    before = latest(prefect_server)
    assert publish(views(sample_project)) == []
    assert latest(prefect_server) == before
    with get_client(sync_client=True) as client:
        client.delete_artifact(UUID(before["quality-planes"]["latest_id"]))
    assert publish(views(sample_project)) == ["planes"]
    after = latest(prefect_server)
    assert after["quality-planes"]["latest_id"] in after["quality-index"]["data"]
    assert after["quality-flights"] == before["quality-flights"]
