"""The one periodic task: sweep stale jobs and run what the apps have due."""

import logging

from celery import shared_task
from django.conf import settings
from django.utils.module_loading import import_string

from portal import jobs

log = logging.getLogger(__name__)


@shared_task(name="portal.tick", ignore_result=True)
def tick() -> None:
    """Every beat: nothing here may take long; work that does becomes a job. One that fails stops no other."""
    jobs.sweep()
    for name in settings.HANGAR_TICKS:
        try:
            import_string(name)()
        except Exception:
            log.exception("%s failed, and is tried again at the next beat", name)
