"""The import rings of the design hold; the contracts are in pyproject.toml."""

import subprocess
import sys
from pathlib import Path

from portal.env import CLONE


def test_imports_point_one_way() -> None:
    # In a process of its own: it sets up logging, which shuts every logger there is
    lint = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    run = subprocess.run(lint, cwd=CLONE, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
