"""What a person sees in the Prefect UI, in a real Chromium."""

import shutil

import pytest
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from flows.server import call

pytestmark = [pytest.mark.prefect, pytest.mark.browser]

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--window-size=1400,1000",
]
LOADED = "return [...document.querySelectorAll('img')].map(i => i.complete && i.naturalWidth)"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
    yield driver
    driver.quit()


def address(server, run, key):
    """Where the artifact is that a run made."""
    made = {"flow_run_id": {"any_": [str(run.state_details.flow_run_id)]}, "key": {"any_": [key]}}
    (artifact,) = call(server, "artifacts/filter", artifacts=made)
    return f"{server.address}/artifacts/artifact/{artifact['id']}"


def text(page):
    return page.find_element(By.TAG_NAME, "body").text


def test_a_report_shows_its_light_its_score_and_its_charts(browser, prefect_server, sample_run):
    browser.get(address(prefect_server, sample_run, "quality-flights"))
    wait = WebDriverWait(browser, 300)
    wait.until(lambda page: "🟠 flights" in text(page))
    assert "Score 0.899" in text(browser)
    widths = wait.until(
        lambda page: (found := page.execute_script(LOADED)) and all(found) and found
    )
    assert len(widths) >= 2


def test_the_index_leads_to_the_report(browser, prefect_server, sample_run):
    browser.get(address(prefect_server, sample_run, "quality-index"))
    wait = WebDriverWait(browser, 300)
    # The page may draw itself anew between the look and the click.
    redrawn = [NoSuchElementException, StaleElementReferenceException]
    patient = WebDriverWait(browser, 300, ignored_exceptions=redrawn)
    patient.until(lambda page: page.find_element(By.LINK_TEXT, "flights").click() or True)
    wait.until(lambda page: "Score 0.899" in text(page))
