"""The bootstrap: one sentence for each thing a bare machine may lack."""

import ast
import errno
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from portal import bootstrap
from portal.env import CLONE
from tests.portal.a_clone import copy_to, environment, eventually, left_in, manage

MANAGE = CLONE / "manage.py"


def test_manage_py_parses_on_an_old_python() -> None:
    ast.parse(MANAGE.read_text(), feature_version=(3, 6))


def test_an_old_python_gets_a_sentence_before_anything_is_imported(tmp_path: Path) -> None:
    pretend = "import sys; sys.version_info = (3, 9, 2); sys.path[:] = []\n"
    script = tmp_path / "manage.py"
    script.write_text(pretend + MANAGE.read_text())

    refused = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)

    assert refused.returncode == 1
    assert refused.stderr == "Hangar needs Python 3.11 or newer; this is Python 3.9.\n"


@pytest.mark.parametrize("module", ["bootstrap.py", "__init__.py"])
def test_the_bootstrap_imports_only_the_standard_library(module: str) -> None:
    tree = ast.parse((CLONE / "portal" / module).read_text())
    names = {each.module for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)}
    for each in ast.walk(tree):
        if isinstance(each, ast.Import):
            names |= {alias.name for alias in each.names}

    assert {str(name).split(".")[0] for name in names} <= sys.stdlib_module_names


def test_a_missing_ensurepip_names_the_one_package(tmp_path: Path) -> None:
    clone = copy_to(tmp_path / "hangar")
    (clone / ".venv").unlink()
    without = (
        "import sys, importlib.util as u; found = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'ensurepip' else found(name, *rest)\n"
        f"sys.path.insert(0, {str(clone)!r})\n"
        "from portal import bootstrap; bootstrap.enter('up')\n"
    )

    refused = subprocess.run([sys.executable, "-c", without], capture_output=True, text=True, check=False)

    version = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert f"apt-get install {version}" in refused.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_installation_leaves_a_sentence_and_no_process(tmp_path: Path, number: int) -> None:
    clone = copy_to(tmp_path / "hangar")
    (clone / ".venv").unlink()
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": environment(), "text": True}
    starting = subprocess.Popen([sys.executable, clone / "manage.py", "up"], **pipe)
    assert starting.stdout is not None
    assert "Making the environment" in starting.stdout.readline()
    assert eventually(lambda: len(left_in(clone)) > 1)

    starting.send_signal(number)
    _, said = starting.communicate(timeout=20)

    assert (starting.returncode, said) == (130, "Stopped; the next start goes on with .venv.\n")
    assert eventually(lambda: not left_in(clone), seconds=5)


def test_a_command_before_the_first_start_says_what_to_run(tmp_path: Path) -> None:
    clone = copy_to(tmp_path / "hangar")
    (clone / ".venv").unlink()

    refused = subprocess.run(
        [shutil.which("python3", path="/usr/bin") or "python3", clone / "manage.py", "migrate"],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )

    assert refused.returncode == 1
    assert "run `python3 manage.py up` first" in refused.stderr


def test_a_command_without_a_running_hangar_is_one_sentence(tmp_path: Path) -> None:
    refused = manage(CLONE, "migrate", HANGAR_DATA=str(tmp_path / "none"))

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Hangar is not running in {tmp_path / 'none'}:")
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize("command", [["check"], ["version"]])
def test_some_commands_need_no_server(tmp_path: Path, command: list[str]) -> None:
    done = manage(CLONE, *command, HANGAR_DATA=str(tmp_path / "none"))

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EROFS, "cannot be written to"),
        (errno.EACCES, "cannot be written to"),
        (errno.ELOOP, "cannot be used"),
    ],
)
def test_what_a_folder_refuses_is_one_sentence(number: int, words: str) -> None:
    sentence = bootstrap.explain(OSError(number, "as the system says"), Path("/some/where"))

    assert words in sentence
    assert "/some/where" in sentence


def test_uv_uses_the_registries_pip_is_told_to_use(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    pip = {"index-url": "main", "extra-index-url": "one two", "find-links": "/a /b", "cert": "c"}

    told = bootstrap.uv_environment(pip)

    assert told["UV_DEFAULT_INDEX"] == "main"
    assert told["UV_INDEX"] == "one two"
    assert told["UV_FIND_LINKS"] == "/a,/b"
    assert told["SSL_CERT_FILE"] == "c"


def test_what_uv_was_told_itself_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "mine")

    assert bootstrap.uv_environment({"index-url": "pip's"})["UV_DEFAULT_INDEX"] == "mine"


@pytest.mark.parametrize("lock", [*bootstrap.LOCKS.values(), bootstrap.UV_LOCK])
def test_a_lock_file_names_no_host_and_hashes_every_package(lock: str) -> None:
    text = (CLONE / lock).read_text()
    packages = [line for line in text.splitlines() if line[:1].isalnum()]

    assert "://" not in text
    assert all("==" in line for line in packages)
    assert text.count("--hash=sha256:") >= len(packages)
