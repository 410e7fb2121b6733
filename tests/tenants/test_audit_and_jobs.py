"""The audit log and the jobs pages: found by filters, kept apart by tenant."""

import uuid
from types import SimpleNamespace

import pytest
from django.db import connection

from tenants.filters.audit import activities
from tenants.models import AuditEvent, AuditTarget, Job, JobItem
from tenants.permissions import Actor
from tenants.services import audit
from tests.factories import make_partner

AUDIT = "/t/contoso/audit/"
JOBS = "/t/contoso/jobs/"


def act(tenant, user, activity, label, **values):
    targets = [audit.Target(kind="device", label=label, object_id=uuid.uuid4(), **values)]
    return audit.record(tenant=tenant, actor=Actor(user=user), activity=activity, targets=targets)


@pytest.fixture
def job(contoso, admin):
    job = Job.objects.create(
        tenant=contoso, task="x", title="Edit tag", actor=admin, permission="devices.update"
    )
    for position, outcome in enumerate(["done", "failed", "done"], start=1):
        JobItem.objects.create(
            job=job,
            position=position,
            object_id=uuid.uuid4(),
            label=f"SN{position}",
            outcome=outcome,
            message="=cmd()" if outcome == "failed" else "",
        )
    return job


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"SNONE", "SNTWO"}),
        ("activity=device.imported", {"SNONE"}),
        ("actor_label=reader@contoso.example", {"SNTWO"}),
        ("target=sntw", {"SNTWO"}),
        ("result=failure", set()),
        ("at=2000-01-01..2000-01-02", set()),
        ("q=imported", {"SNONE"}),
        ("q=READER%40CONTOSO", {"SNTWO"}),
        ("q=de", {"SNONE", "SNTWO"}),
        ("q=ad", set()),
    ],
)
def test_events_are_found_by_each_filter(client_of, admin, reader, contoso, query, shown):
    act(contoso, admin, "device.imported", "SNONE")
    act(contoso, reader, "device.updated", "SNTWO")
    page = client_of(admin).get(f"{AUDIT}?{query}").content.decode()
    assert {name for name in ("SNONE", "SNTWO") if name in page} == shown


def test_the_activities_offered_are_the_tenants_own_each_once(admin, contoso, fabrikam):
    for activity in ("device.updated", "device.imported", "device.updated"):
        act(contoso, admin, activity, "SN")
    act(fabrikam, admin, "device.foreign", "SN")
    assert activities(SimpleNamespace(tenant=contoso)) == ["device.imported", "device.updated"]


def test_searches_of_the_audit_log_read_their_indexes(db):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    assert "audit_search" in AuditEvent.objects.filter(search__contains="IMPORTED").explain()
    assert "audit_target_by_label" in AuditTarget.objects.filter(label__icontains="imported").explain()


@pytest.mark.parametrize(
    "query", ["nonsense=1", "at=yesterday", "result=maybe", "after=xxx", "sort=password", "q=%00"]
)
def test_absurd_parameters_are_answered_in_words(client_of, reader, contoso, query):
    assert client_of(reader).get(f"{AUDIT}?{query}").status_code == 200


def test_another_tenants_events_are_not_listed(client_of, admin, contoso, fabrikam):
    act(fabrikam, admin, "device.imported", "SNFOREIGN")
    assert "SNFOREIGN" not in client_of(admin).get(AUDIT).content.decode()


def test_an_event_shows_what_was_before_and_after(client_of, reader, contoso, admin):
    event = act(
        contoso, admin, "device.updated", "SN1", before={"group_tag": "OLD"}, after={"group_tag": "NEW"}
    )
    page = client_of(reader).get(f"{AUDIT}{event.pk}/").content.decode()
    assert "OLD" in page
    assert "NEW" in page


def test_the_export_holds_what_is_filtered(client_of, reader, contoso, admin):
    act(contoso, admin, "device.imported", "SNONE")
    act(contoso, admin, "device.updated", "SNTWO")
    answer = client_of(reader).get(f"{AUDIT}export.csv?activity=device.updated")
    text = b"".join(answer.streaming_content).decode()
    assert "SNTWO" in text
    assert "SNONE" not in text


def test_a_job_shows_its_results_and_filters_them(client_of, reader, job):
    client = client_of(reader)
    assert "SN1" in client.get(f"{JOBS}{job.pk}/").content.decode()
    failed = client.get(f"{JOBS}{job.pk}/?outcome=failed").content.decode()
    assert "SN2" in failed
    assert "SN1" not in failed


@pytest.mark.parametrize("query", ["outcome=nonsense", "after=99999999999999999999", "after=-1", "after=%00"])
def test_absurd_job_parameters_are_harmless(client_of, reader, job, query):
    assert client_of(reader).get(f"{JOBS}{job.pk}/?{query}").status_code == 200


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"via": "command"}, "Command line"),
        ({"via": "system"}, "Hangar"),
        ({"via": "partner", "partner": True}, "API client (Tailwind)"),
    ],
)
def test_list_page_and_overview_name_alike_who_started_a_job(client_of, reader, contoso, values, name):
    if values.get("partner"):
        values["partner"] = make_partner()
    job = Job.objects.create(tenant=contoso, task="x", title="Nightly", **values)
    client = client_of(reader)
    for address in (JOBS, f"{JOBS}{job.pk}/", "/t/contoso/"):
        assert name in client.get(address).content.decode()


def test_a_job_of_an_import_leads_to_it_and_its_counters_are_words(client_of, reader, contoso):
    key = str(uuid.uuid4())
    counters = {"no_entra_device": 3}
    job = Job.objects.create(
        tenant=contoso, task="devices.check_import", title="C", arguments={"import": key}, counters=counters
    )
    page = client_of(reader).get(f"{JOBS}{job.pk}/").content.decode()
    assert f'href="/t/contoso/imports/{key}/"' in page
    assert "No Microsoft Entra object" in page


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_what_a_stopped_job_did_not_come_to_waits_no_longer(client_of, reader, job, state):
    Job.unscoped.filter(pk=job.pk).update(state=state)
    JobItem.objects.create(job=job, position=9, object_id=uuid.uuid4(), label="LEFT")
    page = client_of(reader).get(f"{JOBS}{job.pk}/?outcome=pending").content.decode()
    assert "Not done" in page
    assert "Waiting" not in page


def test_results_come_in_pages(client_of, reader, contoso, job):
    rows = [JobItem(job=job, position=n, object_id=uuid.uuid4(), label=f"P{n:04}") for n in range(10, 230)]
    JobItem.objects.bulk_create(rows)
    page = client_of(reader).get(f"{JOBS}{job.pk}/?after=110").content.decode()
    assert "P0111" in page
    assert "P0110" not in page
    assert "after=210" in page


def test_the_failed_objects_are_downloaded_without_formulas(client_of, reader, job):
    answer = client_of(reader).get(f"{JOBS}{job.pk}/failed.csv")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 2
    assert ",=cmd" not in lines[1]


def test_a_reader_cannot_cancel_what_he_could_not_start(client_of, reader, job):
    assert client_of(reader).post(f"{JOBS}{job.pk}/cancel/").status_code == 403
    job.refresh_from_db()
    assert job.cancel_requested_at is None


def test_a_job_is_cancelled_by_who_holds_its_permission(client_of, intune_admin, job):
    assert client_of(intune_admin).post(f"{JOBS}{job.pk}/cancel/").status_code == 302
    job.refresh_from_db()
    assert job.cancel_requested_at is not None


def test_a_partners_job_is_cancelled_by_who_may_revoke_the_partner(
    client_of, admin, intune_admin, job, tailwind
):
    Job.unscoped.update(partner=tailwind, permission="batches.upload")
    refused = client_of(intune_admin).post(f"{JOBS}{job.pk}/cancel/")
    assert (refused.status_code, "Partner authorization" in refused.content.decode()) == (403, True)
    assert "Cancel job" in client_of(admin).get(f"{JOBS}{job.pk}/").content.decode()
    assert client_of(admin).post(f"{JOBS}{job.pk}/cancel/").status_code == 302
    job.refresh_from_db()
    assert job.cancel_requested_at is not None


def test_an_ended_job_cannot_be_cancelled(client_of, admin, job):
    Job.unscoped.update(state=Job.State.SUCCEEDED)
    assert client_of(admin).post(f"{JOBS}{job.pk}/cancel/").status_code == 409


def test_progress_asks_for_a_reload_when_the_job_has_ended(client_of, reader, job):
    client, url = client_of(reader), f"{JOBS}{job.pk}/progress/"
    assert "HX-Refresh" not in client.get(url, headers={"HX-Request": "true"})
    Job.unscoped.update(state=Job.State.SUCCEEDED)
    assert client.get(url, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
