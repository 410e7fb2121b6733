#!/usr/bin/env python3
"""Hangar's one command: `python3 manage.py up`, `test`, and every Django command."""

import os
import sys

# This file is read by whatever Python a machine has, so it keeps to what the oldest understand.
if sys.version_info < (3, 11):
    sys.exit("Hangar needs Python 3.11 or newer; this is Python %d.%d." % sys.version_info[:2])

NEEDS_NO_DATABASE = (
    "up test check makemigrations collectstatic findstatic decode_hash help version "
    "makemessages compilemessages diffsettings startapp --help -h --version"
).split()


def main():
    """Run one command inside Hangar's own environment."""
    from portal import bootstrap

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    bootstrap.enter(command)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from django.core.exceptions import ImproperlyConfigured

    from portal import env

    try:
        env.validate()
    except ImproperlyConfigured as fault:
        sys.exit(str(fault))
    if command not in NEEDS_NO_DATABASE and "--help" not in sys.argv and not env.has_database():
        sys.exit(
            "Hangar is not running in %s: start it with `python3 manage.py up`, "
            "or set DATABASE_URL and REDIS_URL." % env.data_folder()
        )
    from django.core.management import execute_from_command_line

    if sys.stdout:  # whatever the locale says: scripts read what commands write
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    execute_from_command_line(sys.argv)


def reader_is_gone():
    """Whether nobody reads standard output any more, as behind `| head`."""
    import select

    poll = select.poll()
    poll.register(sys.stdout, 0)
    return bool(poll.poll(0))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        if not reader_is_gone():
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what the exit still flushes
        sys.exit(141)
