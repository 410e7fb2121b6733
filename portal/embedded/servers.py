"""Start the embedded database and broker below a supervisor."""

from pathlib import Path

from portal.bootstrap import say
from portal.embedded import postgres, valkey
from portal.embedded.account import Account
from portal.embedded.supervisor import Supervisor


def start(
    supervisor: Supervisor, data: Path, account: Account, *, throw_away: bool = False
) -> dict[str, str]:
    """Start both, wait until they answer, and return their addresses as environment variables."""
    if not (data / "postgres").exists():
        say("Making the database …")
    cluster = postgres.prepare(data, account)
    broker = valkey.prepare(data, account, throw_away=throw_away)
    log = data / "log"
    database = supervisor.start(cluster.program(log / "postgres.log", throw_away=throw_away))
    supervisor.start(broker.program(log / "valkey.log"))
    supervisor.wait_until(lambda: cluster.is_ready(database.process.pid))
    supervisor.wait_until(broker.is_ready)
    say("Database and broker are running.")
    return {"DATABASE_URL": cluster.url, "REDIS_URL": broker.url}
