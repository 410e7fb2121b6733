"""The shell's only row: which worker was last seen alive."""

from django.db import models


class Heartbeat(models.Model):
    """The last sign of life of a worker process; /readyz reads it."""

    name = models.CharField(max_length=100, primary_key=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
