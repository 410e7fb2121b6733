"""The WSGI entry point for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application
from django.template.loader import get_template

from portal.env import CLONE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")


def load_templates() -> None:
    """Load every template before the workers fork.

    One that was first read after a newer version's files were put in place would belong to that version,
    with code and static files of this one.
    """
    folder = CLONE / "templates"
    for path in folder.rglob("*.html"):
        get_template(str(path.relative_to(folder)))


application = get_wsgi_application()
load_templates()
