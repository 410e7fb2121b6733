"""Preparation before the first page: a full disk is a sentence, never a trace."""

import errno
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from psycopg.errors import DiskFull


def _database_full() -> OperationalError:
    error = OperationalError("could not extend file")
    error.__cause__ = DiskFull()
    return error


@pytest.mark.django_db
@pytest.mark.parametrize("fault", [_database_full(), OSError(errno.ENOSPC, "full")])
def test_a_full_disk_is_one_sentence(fault: Exception) -> None:
    command = "portal.management.commands.prepare.Command._prepare"

    with (
        patch(command, side_effect=fault),
        pytest.raises(CommandError, match=r"disk is full: free some space"),
    ):
        call_command("prepare")
