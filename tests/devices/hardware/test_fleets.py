"""Random fleets and permitted repairs: no two machines are ever merged, and none is lost."""

from hypothesis import example, given

from devices.hardware.identity import identity_keys
from devices.hardware.match import STRONG, Verdict, match
from devices.hardware.synthetic import recapture
from tests.devices.hardware.fleets import LATER, Fleet, fleets, full, virtual


@given(fleets())
@example(Fleet([virtual(1), virtual(2)], [virtual(1), virtual(2)]))
def test_matching_never_merges_two_machines_and_never_loses_one(fleet: Fleet) -> None:
    for place, capture in enumerate(fleet.again):
        if not {kind for kind, _value in identity_keys(capture)} & set(STRONG):
            continue  # Windows PE saw nothing that identifies it: the service refuses it as 802
        verdicts = [match(known, capture).verdict for known in fleet.known]
        expected = [Verdict.DIFFERENT] * len(fleet.known)
        expected[place] = Verdict.SAME
        assert verdicts == expected


@given(fleets())
def test_a_new_board_or_tpm_never_passes_for_another_machine_of_the_fleet(fleet: Fleet) -> None:
    owner = full(2**21)
    for exchanged in ({"new_board": 1}, {"new_tpm": 1}):
        capture = recapture(owner, at=LATER, **exchanged)
        assert match(owner, capture).verdict.is_replacement
        assert {match(known, capture).verdict for known in fleet.known if known != owner} <= {
            Verdict.DIFFERENT
        }
