"""The Celery application: it only dispatches; the truth of a job is its row in PostgreSQL."""

import os
from typing import Any

from celery import Celery, bootsteps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

HEARTBEAT_SECONDS = 5.0
DISPATCH_SECONDS = 2.0


class HeartbeatStep(bootsteps.StartStopStep):
    """Writes the worker's sign of life to the database, so that /readyz knows a live worker."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, parent: Any, **options: Any) -> None:
        self.timer_entry: Any = None
        super().__init__(parent, **options)

    def start(self, parent: Any) -> None:
        """Beat once now and then every HEARTBEAT_SECONDS."""
        parent.timer.call_after(0, self.beat, (parent.hostname,), priority=10)
        self.timer_entry = parent.timer.call_repeatedly(
            HEARTBEAT_SECONDS, self.beat, (parent.hostname,), priority=10
        )

    def stop(self, parent: Any) -> None:
        """Cancel the timer."""
        if self.timer_entry is not None:
            self.timer_entry.cancel()

    def beat(self, name: str) -> None:
        """One sign of life; a database that is away is reported by Celery's timer and tried again."""
        from django.db import close_old_connections
        from django.utils import timezone

        from portal.models import Heartbeat

        close_old_connections()
        Heartbeat.objects.update_or_create(name=name, defaults={"seen_at": timezone.now()})


class Hangar(Celery):
    """Whoever dispatches may be a person's request: a broker that is silent is not waited for."""

    def connection_for_write(self, url: Any = None, **options: Any) -> Any:
        """The connection of senders; workers read with the patience of the settings."""
        given = options.pop("transport_options", None) or {}
        short = {"socket_timeout": DISPATCH_SECONDS, **given}
        return super().connection_for_write(url, transport_options=short, **options)


app = Hangar("hangar")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(HeartbeatStep)
