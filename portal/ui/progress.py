"""The progress of a job: a fragment that polls itself, and reloads its page at the end."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def render_progress(request: HttpRequest, job: Any, *, is_over: bool | None = None) -> HttpResponse:
    """The job's progress under this very address; over when the job is, unless the caller knows more."""
    if is_over is None:
        is_over = job is None or job.is_ended
    context = {"job": job, "progress_url": request.path}
    response = render(request, "ui/_progress.html", context) if job else HttpResponse()
    if is_over:
        response["HX-Refresh"] = "true"
    return response
