"""Revocation against a slice that is being done: after it has returned, nothing more is registered."""

import threading

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from devices.services.partners import submitting, working
from tenants.models import PartnerConsent, Tenant
from tenants.permissions import Actor
from tenants.services.partners import consents
from tests import factories
from tests.devices.partners.sending import by_hash, machines

pytestmark = pytest.mark.django_db(transaction=True)


def test_revocation_waits_for_the_slice_that_is_being_done(tailwind, contoso, reseller):
    consent = factories.authorize(tailwind, contoso)
    customer = Tenant.objects.get(pk=contoso.pk)
    who = {"partner": tailwind, "actor": factories.actor(reseller, tailwind)}
    job = submitting.submit(tenant=customer, lines=[by_hash(*machines(1))], **who).job
    refused = []

    def revoke():
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '200ms'")
                consents.revoke(tenant=contoso, actor=Actor.command(), consent=consent)
        except OperationalError as error:
            refused.append(error)
        finally:
            connection.close()

    def during(*_arguments):
        thread = threading.Thread(target=revoke)
        thread.start()
        thread.join()
        return []

    with pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(working, "register", during)
        working.step(job, now=timezone.now())
    assert len(refused) == 1
    assert PartnerConsent.objects.of(contoso).live().exists()
