"""Erase what retention no longer needs: expired undo kits, hashes and keys of ended registrations."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from devices.models import IdentityKey, Registration, RegistrationHash, UndoKit
from devices.models.autopilot import UNDO_KIT_DAYS
from tenants.models import Schedule

NAME = "devices.purge"
EVERY = timedelta(hours=1)
MOST = 1000


@transaction.atomic
def tick() -> None:
    """Once an hour, by whichever worker claims it first; one that dies has claimed nothing."""
    now = timezone.now()
    due = Schedule.objects.filter(name=NAME, tenant=None, next_run_at__lte=now)
    if due.update(next_run_at=now + F("every")) == 0:
        if not Schedule.objects.filter(name=NAME, tenant=None).exists():
            Schedule.objects.get_or_create(name=NAME, tenant=None, defaults={"every": EVERY})
        return
    if purge(now=now) >= MOST:
        Schedule.objects.filter(name=NAME, tenant=None).update(next_run_at=now)


def purge(*, now: datetime) -> int:
    """Erase at most MOST rows of each kind; returns the number of kits and registrations erased."""
    expired = UndoKit.unscoped.filter(expires_at__lt=now).values_list("pk", flat=True)[:MOST]
    kits, _by_kind = UndoKit.unscoped.filter(pk__in=list(expired)).delete()
    before = now - timedelta(days=UNDO_KIT_DAYS)
    ended = Registration.unscoped.filter(ended_at__lt=before, hardware_hash__isnull=False)
    ids = list(ended.values_list("pk", flat=True)[:MOST])
    IdentityKey.objects.filter(registration__in=ids).delete()
    RegistrationHash.objects.filter(registration__in=ids).delete()
    return max(kits, len(ids))
