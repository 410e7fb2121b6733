"""No token reaches a log: not the web server's, not Django's."""

import io
import logging
import sys
import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.urls import reverse
from gunicorn.config import Config

from portal.embedded.hangar import Hangar
from portal.log_masking import AccessLog, MaskingFilter, MaskingFormatter, masked
from tenants.services import invitations, links
from tests import factories


def test_an_objects_address_stays_readable():
    path = f"/t/contoso/autopilot-devices/{uuid.uuid4()}/?tab=hardware"
    assert masked(path) == path


@pytest.mark.parametrize("name", ["tenants:set_up_link", "tenants:invitation_link"])
def test_the_token_of_a_link_is_masked(name):
    token = links.new_token()
    assert token not in masked(reverse(name, args=[token]))


@pytest.mark.django_db
def test_the_token_of_an_invitation_is_masked(contoso, admin):
    actor = factories.actor(admin)
    made = invitations.invite(into=contoso, actor=actor, email="a@x.example", roles=["read_only_operator"])
    assert invitations.token_of(made) not in masked(invitations.link_of(made))


def test_the_web_servers_line_holds_no_token():
    token = links.new_token()
    path = f"/invitations/{token}/"
    environ = {"REQUEST_METHOD": "GET", "RAW_URI": path, "PATH_INFO": path, "SERVER_PROTOCOL": "HTTP/1.1"}
    environ["HTTP_REFERER"] = f"http://127.0.0.1:8000{path}"
    answer = SimpleNamespace(status="302 Found", sent=0, headers={"Location": path})
    parts = AccessLog(Config()).atoms(answer, SimpleNamespace(headers=[]), environ, timedelta(seconds=1))
    assert parts["r"] == "GET /invitations/[masked]/ HTTP/1.1"
    assert not [name for name, part in parts.items() if token in str(part)]


def test_the_web_server_is_started_with_that_log():
    assert "portal.log_masking.AccessLog" in Hangar._gunicorn(SimpleNamespace())


def test_a_traceback_holds_no_token():
    assert settings.LOGGING["handlers"]["console"]["formatter"] == "line"
    assert settings.LOGGING["formatters"]["line"]["()"] == "portal.log_masking.MaskingFormatter"
    token = links.new_token()
    try:
        raise ValueError(f"Failing row contains ({token})")
    except ValueError:
        seen = sys.exc_info()
    record = logging.makeLogRecord({"msg": "job failed", "exc_info": seen})
    logging.Formatter().format(record)  # another handler, which leaves its text on the record
    written = MaskingFormatter("{message}", style="{").format(record)
    assert "ValueError: Failing row contains ([masked])" in written
    assert token not in written


def test_the_web_servers_own_errors_hold_no_token(capsys):
    token = links.new_token()
    AccessLog(Config()).warning("Invalid request from ip=%s: %s", "127.0.0.1", f"GET /set-up/{token}/ HTTP/9")
    assert "GET /set-up/[masked]/ HTTP/9" in capsys.readouterr().err


def test_the_applications_lines_hold_no_token():
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["masking"]
    token, stream = links.new_token(), io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(MaskingFilter())
    handler.handle(logging.makeLogRecord({"msg": "Not Found: %s", "args": (f"/set-up/{token}/",)}))
    assert stream.getvalue() == "Not Found: /set-up/[masked]/\n"
