"""The small widgets in Chromium: copy line, drop zone, typed confirmation, progress."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from tenants.models import Job, Tenant, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def job(contoso: Tenant) -> Job:
    """A running job, a third done."""
    return Job.objects.create(
        tenant=contoso,
        task="sample",
        title="Sample",
        state=Job.State.RUNNING,
        phase="Checking rows",
        done=100,
        total=300,
        started_at=timezone.now(),
    )


@pytest.fixture
def widgets(live_server: Any, page: Page, client: Client, admin: User, job: Job) -> Page:
    """The page with every widget, signed in."""
    client.force_login(admin)
    session = client.cookies["hangar_session"].value
    page.context.add_cookies([{"name": "hangar_session", "value": session, "url": live_server.url}])
    page.goto(f"{live_server.url}/t/contoso/sample/widgets/")
    return page


def test_a_line_is_copied_and_its_button_says_so_for_a_moment(widgets: Page) -> None:
    widgets.context.grant_permissions(["clipboard-read", "clipboard-write"])
    widgets.clock.install()
    widgets.clock.pause_at(timezone.now() + timedelta(hours=1))
    widgets.get_by_role("button", name="Copy").click()
    expect(widgets.get_by_role("button", name="Copied")).to_be_visible()
    assert widgets.evaluate("navigator.clipboard.readText()") == "Get-WindowsAutopilotInfo"
    widgets.clock.run_for(1500)
    expect(widgets.get_by_role("button", name="Copy", exact=True)).to_be_visible()


def test_chosen_files_are_listed(widgets: Page) -> None:
    files = [{"name": name, "mimeType": "text/csv", "buffer": b"x" * 2048} for name in ("a.csv", "b.csv")]
    widgets.get_by_label("Files").set_input_files(files)
    expect(widgets.locator("[data-dropzone-files] li")).to_have_text(["a.csv · 2 KB", "b.csv · 2 KB"])


def test_a_dropped_file_joins_the_input(widgets: Page) -> None:
    drop = """zone => { const held = new DataTransfer();
        held.items.add(new File(["x"], "dropped.csv"));
        zone.dispatchEvent(new DragEvent("drop", {dataTransfer: held, bubbles: true})); }"""
    widgets.locator("[data-dropzone]").evaluate(drop)
    expect(widgets.locator("[data-dropzone-files] li")).to_have_text(["dropped.csv · 1 B"])
    assert widgets.evaluate("document.querySelector('[type=file]').files.length") == 1


def test_the_button_waits_for_the_phrase(widgets: Page) -> None:
    button = widgets.get_by_role("button", name="Go on")
    expect(button).to_be_disabled()
    widgets.get_by_label("Type Contoso to confirm").fill("Contos")
    expect(button).to_be_disabled()
    widgets.get_by_label("Type Contoso to confirm").fill("Contoso")
    expect(button).to_be_enabled()


def test_progress_moves_by_itself_until_the_end(widgets: Page, job: Job) -> None:
    shown = widgets.locator(".progress")
    expect(shown).to_contain_text("Checking rows")
    Job.unscoped.filter(pk=job.pk).update(done=200)
    expect(shown).to_contain_text("200 of 300")
    Job.unscoped.filter(pk=job.pk).update(done=300, state=Job.State.SUCCEEDED, finished_at=timezone.now())
    expect(shown).to_contain_text("Succeeded")
    assert shown.get_attribute("hx-get") is None
