"""manage.py decode_hash: any file with hashes in it, without a database."""

import io
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from devices.hardware.encode import encode, encode_base64
from devices.hardware.synthetic import machine
from portal.env import CLONE

FIRST = encode_base64(machine(seed=1, serial="TEST-FIRST"))
SECOND = encode_base64(machine(seed=2, serial="TEST-SECOND"))
CSV = (
    f"Device Serial Number,Windows Product ID,Hardware Hash\r\nTEST-FIRST,,{FIRST}\r\n"
    f"TEST-SECOND,,{SECOND}\r\n"
)
OA3 = f"<Key><ProductKeyState>6</ProductKeyState><HardwareHash>{FIRST}</HardwareHash></Key>\r\n"


class Run:
    """What the command printed and how it ended."""

    def __init__(self, path: str, *options: str) -> None:
        out, err, self.code = io.StringIO(), io.StringIO(), 0
        try:
            call_command("decode_hash", path, *options, stdout=out, stderr=err)
        except SystemExit as end:
            self.code = end.code
        self.out, self.err = out.getvalue(), err.getvalue()

    @property
    def objects(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def run(tmp_path):
    def run(content: str | bytes, *options: str, encoding: str = "utf-8") -> Run:
        path = tmp_path / "file"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return Run(str(path), *options)

    return run


def test_a_bare_hash_is_reported(run):
    ended = run(FIRST)
    assert ended.code == 0
    assert ended.out.startswith("Serial: TEST-FIRST\n")


@pytest.mark.parametrize(
    "content",
    [FIRST + "\r\n", textwrap.fill(FIRST, 76), encode(machine(seed=1, serial="TEST-FIRST")), OA3],
    ids=["with a line end", "wrapped", "a blob", "OA3.xml"],
)
def test_one_hash_is_one_json_object(run, content: str | bytes):
    ended = run(content, "--json")
    assert ended.code == 0
    assert [each["serial"] for each in ended.objects] == ["TEST-FIRST"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_csv_gives_one_json_object_a_row(run, encoding: str):
    ended = run(CSV, "--json", encoding=encoding)
    assert ended.code == 0
    assert [(each["row"], each["serial"]) for each in ended.objects] == [
        (1, "TEST-FIRST"),
        (2, "TEST-SECOND"),
    ]


def test_bare_hashes_one_a_line_are_read_one_by_one(run):
    ended = run(f"{FIRST}\n\n{SECOND}\n", "--json")
    assert [(each["line"], each["serial"]) for each in ended.objects] == [
        (1, "TEST-FIRST"),
        (3, "TEST-SECOND"),
    ]


def test_a_fault_in_one_row_leaves_the_others_and_ends_with_1(run):
    ended = run(CSV.replace(FIRST, FIRST[:600]), "--json")
    assert ended.code == 1
    assert ended.objects[0]["error"]["fault"] == "truncated"
    assert ended.objects[0]["row"] == 1
    assert ended.objects[1]["serial"] == "TEST-SECOND"


def test_a_fault_is_said_in_a_sentence_with_its_place(run):
    ended = run(FIRST[:600])
    assert (ended.code, ended.out) == (1, "")
    assert "cut off" in ended.err
    assert "at byte 450" in ended.err


def test_repairs_are_reported(run):
    assert run(FIRST + " \n", "--json").objects[0]["repairs"][0]["name"] == "whitespace"
    assert "Repair 1:" in run(FIRST + " \n").out


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\n\n"])
def test_the_end_of_the_line_is_no_repair(run, ending):
    assert run(FIRST + ending, "--json").objects[0]["repairs"] == []


def test_a_bare_hash_in_the_url_safe_alphabet_is_read(run):
    ended = run(FIRST.replace("+", "-").replace("/", "_"), "--json")
    assert ended.objects[0]["serial"] == "TEST-FIRST"


@pytest.mark.parametrize("content", ["", "\n", "a,b\n1,2\n", "hello", b"\x89PNG\r\n\x1a\n\0", b"\0" * 50])
def test_a_file_without_a_hash_ends_with_1_and_a_sentence(run, content: str | bytes):
    ended = run(content, "--json")
    assert ended.code == 1
    assert ended.objects[0]["error"]["message"]


def test_standard_input_is_read(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(FIRST.encode("utf-16"))))
    assert Run("-", "--json").objects[0]["serial"] == "TEST-FIRST"


def test_a_file_that_cannot_be_opened_ends_with_2():
    with pytest.raises(CommandError) as caught:
        call_command("decode_hash", "/nowhere/at/all")
    assert caught.value.returncode == 2


def hangar(*arguments: str | Path) -> "subprocess.Popen[bytes]":
    """The command in a process of its own, where the locale knows ASCII alone."""
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    return subprocess.Popen(
        [sys.executable, CLONE / "manage.py", "decode_hash", *arguments],
        env=os.environ | plain,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_the_output_is_utf_8_whatever_the_locale(tmp_path):
    path = tmp_path / "file"
    path.write_text(encode_base64(machine(seed=1, manufacturer="Größe AG")))
    out, err = hangar(path, "--json").communicate()
    assert err == b""
    assert json.loads(out.decode())["manufacturer"] == "Größe AG"


def test_a_reader_that_leaves_early_is_no_error(tmp_path):
    path = tmp_path / "file"
    path.write_text("\n".join([FIRST, SECOND] * 40))
    running = hangar(path, "--json")
    assert running.stdout is not None
    assert running.stdout.readline().startswith(b'{"row": 1')
    running.stdout.close()
    assert running.stderr is not None
    assert (running.stderr.read(), running.wait()) == (b"", 141)
    running.stderr.close()
