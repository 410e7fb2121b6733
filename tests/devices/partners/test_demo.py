"""The demo's reseller and manufacturer are made through the services."""

import pytest
from django.utils import timezone

from devices import tasks
from devices.management import demo_partners
from devices.models import AutopilotDevice, KnownMachine, Registration, Submission
from tenants.models import AuthorizationRequest, Job, PartnerConsent
from tests import factories

pytestmark = pytest.mark.django_db


def work_off(tenant):
    while job := Job.objects.of(tenant).unfinished().first():
        tasks.partner_submission(str(job.pk))


def test_the_demo_has_a_reseller_with_a_customer_an_open_request_and_a_batch(contoso, admin):
    values = {"admin": admin, "customer": contoso, "password": factories.PASSWORD, "work_off": work_off}
    demo_partners.seed(now=timezone.now(), **values)
    consent = PartnerConsent.objects.of(contoso).live().get()
    assert (consent.partner.name, consent.device_count) == ("Tailwind Resellers", demo_partners.COUNT)
    assert KnownMachine.objects.count() == demo_partners.COUNT
    assert AuthorizationRequest.unscoped.open().get().note == "Fabrikam"
    made = Submission.unscoped.get(kind="register")
    assert (made.state, made.failed_count, made.name) == ("finished", 0, "First delivery")
    assert Registration.objects.of(contoso).live().filter(partner=consent.partner).count() == 12
    assert not AutopilotDevice.objects.of(contoso).exists()
