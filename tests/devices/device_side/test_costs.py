"""What a request of a machine costs does not grow with the fleet: query counts, alike for few and many."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories

pytestmark = pytest.mark.django_db
ANN = "ann@contoso.example"
COSTS = [10, 28, 13]  # set-up, enrollment, check-in; savepoints included


def queries(ask: Any) -> int:
    """How many queries a request takes."""
    with CaptureQueriesContext(connection) as found:
        ask()
    return len(found)


@pytest.mark.parametrize("others", [0, 40])
def test_set_up_enrollment_and_check_in_cost_the_same_in_every_fleet(others, contoso, registered, ann):
    factories.make_profile(contoso, "Standard", is_for_all_devices=True)
    if others:
        factories.machines(contoso, others, first=500)
    laptop = registered()
    costs = [queries(laptop.fetch), queries(lambda: laptop.enroll(user=ANN)), queries(laptop.check_in)]
    assert costs == COSTS
