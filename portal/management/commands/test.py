"""`manage.py test`: pytest on a throw-away database and broker, started once before it."""

import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from portal import env
from portal.bootstrap import explain, say
from portal.embedded import servers
from portal.embedded.account import Account, CannotStart, private_folder, server_account
from portal.embedded.processes import Program
from portal.embedded.state import RunFolder
from portal.embedded.supervisor import StopAsked, Supervisor

# What a developer's own shell may hold and a test must not see.
NOT_FOR_TESTS = (
    *("ALLOWED_HOSTS", "EMAIL_URL", "HANGAR_ADMIN_PASSWORD", "HANGAR_BIND", "HANGAR_DEMO"),
    *("HANGAR_PUBLIC_URL", "PORT"),
)
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


class Command(BaseCommand):
    """Every argument goes to pytest; `--no-browser` leaves the Chromium tests out."""

    help = "Run the tests: manage.py test [--no-browser] [pytest arguments]"

    def run_from_argv(self, argv: list[str]) -> None:
        """Take the arguments as they are: they are pytest's, not Django's."""
        sys.exit(run(argv[2:]))

    def handle(self, *args: Any, **options: Any) -> None:
        """Called by name, with pytest's arguments."""
        sys.exit(run(list(args)))


def run(arguments: list[str]) -> int:
    """Pytest's exit status, or 1 with one sentence where it cannot start."""
    if not any(map(shutil.which, CHROMIUM)) and not _is_told_what_to_run(arguments):
        say(
            "The browser tests need Chromium: install it with `apt-get install chromium`, "
            "or leave them out with --no-browser."
        )
        return 1
    for name in NOT_FOR_TESTS:
        os.environ.pop(name, None)
    account = server_account()
    folder = _throw_away_folder(account)
    try:
        return _run_in(folder, account, arguments)
    except StopAsked:
        return 130
    except CannotStart as refusal:
        say(str(refusal))
    except OSError as error:
        say(explain(error, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 1


def _is_told_what_to_run(arguments: list[str]) -> bool:
    return "--no-browser" in arguments or any(not each.startswith("-") for each in arguments)


def _throw_away_folder(account: Account) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="hangar-test-"))
    if account.uid is not None:
        folder.chmod(0o711)
    private_folder(folder / "log")
    return folder


def _run_in(folder: Path, account: Account, arguments: list[str]) -> int:
    run_folder = RunFolder(folder)
    run_folder.hold()
    supervisor = Supervisor(run_folder)
    with supervisor.signals():
        addresses = servers.start(supervisor, folder, account, throw_away=True)
        pytest = Program(
            name="pytest",
            command=[sys.executable, "-m", "pytest", *_spread(arguments)],
            environment={
                **addresses,
                "SECRET_KEY": "for-tests-only",
                "HANGAR_DATA": str(folder),
                "DJANGO_SETTINGS_MODULE": "portal.settings",
            },
            folder=env.CLONE,
            stop_signal=signal.SIGINT,
        )
        return supervisor.run_step(pytest)


def _spread(arguments: list[str]) -> list[str]:
    """The whole suite runs on every core; who names tests also says how to run them."""
    if [each for each in arguments if each != "--no-browser"]:
        return arguments
    return [*arguments, "-n", str(os.cpu_count() or 1), "--dist", "worksteal"]
