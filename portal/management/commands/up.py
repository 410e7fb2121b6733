"""`manage.py up`: start everything, say when pages answer, keep it alive until Ctrl-C."""

import os
import secrets
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from portal import env
from portal.bootstrap import explain, say
from portal.embedded import servers
from portal.embedded.account import (
    Account,
    CannotStart,
    choose_data_folder,
    private_folder,
    server_account,
)
from portal.embedded.hangar import Hangar, ensure_port_is_free
from portal.embedded.state import RunFolder
from portal.embedded.supervisor import StopAsked, Supervisor


class Command(BaseCommand):
    """Everything differing between installations comes from the environment (see portal/env.py)."""

    help = "Start Hangar: database, broker, web server, workers. Ctrl-C stops it."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit with status 1 and one sentence where Hangar cannot start."""
        data = env.data_folder()
        try:
            account = Account() if env.is_external() else server_account()
            data = choose_data_folder(account)
            if data != env.CLONE / "var" and not os.environ.get("HANGAR_DATA"):
                say(f"The data is kept in {data}: the database's user cannot enter this folder.")
            run = RunFolder(data)
            run.hold()
            run.stop_leftovers()
            ensure_port_is_free(env.bind(), env.port())
            supervisor = Supervisor(run)
            with supervisor.signals():
                self._run(supervisor, data, account)
        except StopAsked:
            say("Hangar has stopped.")
        except CannotStart as refusal:
            sys.exit(str(refusal))
        except OSError as error:
            sys.exit(explain(error, data))

    def _run(self, supervisor: Supervisor, data: Path, account: Account) -> None:
        private_folder(data / "log")
        addresses = self._addresses(supervisor, data, account)
        supervisor.run.publish(addresses["DATABASE_URL"], addresses["REDIS_URL"], env.public_url())
        hangar = Hangar(supervisor, data, {**addresses, "SECRET_KEY": self._key(data)})
        hangar.prepare()
        hangar.start()
        hangar.wait_for_pages()
        hangar.announce()
        supervisor.watch()

    def _addresses(self, supervisor: Supervisor, data: Path, account: Account) -> dict[str, str]:
        if env.is_external():
            return {"DATABASE_URL": os.environ["DATABASE_URL"], "REDIS_URL": env.redis_url()}
        return servers.start(supervisor, data, account)

    def _key(self, data: Path) -> str:
        """The environment's key, or the data folder's own, made at the first start."""
        file = data / "secret_key"
        if not env.is_external() and not os.environ.get("SECRET_KEY") and not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(64))
        if env.is_external() or os.environ.get("SECRET_KEY"):
            return env.secret_key()
        return file.read_text()
