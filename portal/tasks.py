"""The one periodic task: sweep stale jobs and run what the apps have due."""

from celery import shared_task
from django.conf import settings
from django.utils.module_loading import import_string

from portal import jobs


@shared_task(name="portal.tick", ignore_result=True)
def tick() -> None:
    """Every beat: nothing here may take long; work that does becomes a job."""
    jobs.sweep()
    for name in settings.HANGAR_TICKS:
        import_string(name)()
