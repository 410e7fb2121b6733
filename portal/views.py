"""Health: is the process alive, and can the whole do work."""

from datetime import timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.models import Heartbeat

WORKER_IS_ALIVE = timedelta(seconds=30)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while this process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, broker and a worker answer; 503 naming what does not."""
    checks = {"database": _database(), "broker": _broker()}
    checks["worker"] = checks["database"] and _worker()
    is_ready = all(checks.values())
    body = {name: "ok" if well else "unavailable" for name, well in checks.items()}
    return JsonResponse(body, status=200 if is_ready else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _broker() -> bool:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def _worker() -> bool:
    fresh = Heartbeat.objects.filter(name__startswith="jobs", seen_at__gt=timezone.now() - WORKER_IS_ALIVE)
    return fresh.exists()
