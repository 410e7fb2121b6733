"""One machine's story: power on, set-up, sign-in, check-ins, an exchanged part, a reset."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from devices.hardware import synthetic
from devices.hardware.encode import encode_base64
from devices.hardware.identity import HardwareIdentity
from devices.management.simulation.client import Answer, Client
from devices.management.simulation.fleet import Fate, Story

FIRST_START = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
OS_VERSION = "10.0.26100.4349"
NO_REMEDIATION, FIX_PENDING = "noRemediationRequired", "automaticRemediationRequired"


@dataclass(slots=True)
class Outcome:
    """What came of a machine; problem says what was not as its story expects, empty otherwise."""

    story: Story
    end: str = ""
    problem: str = ""
    check_ins: int = 0
    notes: list[str] = field(default_factory=list)


class Unexpected(Exception):
    """An answer the story does not expect."""


class Player:
    """A machine with its hardware, its secret and its clock."""

    def __init__(self, story: Story, client: Client) -> None:
        self.story, self.client = story, client
        self.hardware: HardwareIdentity = story.hardware()
        self.secret, self.hours = "", 0
        self.outcome = Outcome(story)

    def play(self) -> Outcome:
        """Live the story to its end."""
        try:
            self.outcome.end = self._personal() if self.story.is_personal else self._registered()
        except Unexpected as unexpected:
            self.outcome.end, self.outcome.problem = "unexpected", str(unexpected)
        return self.outcome

    def _ask(self, path: str, **body: Any) -> Answer:
        """A request with a fresh capture of the machine as it is."""
        self.hours += 1
        fresh = synthetic.recapture(self.hardware, at=FIRST_START + timedelta(hours=self.hours))
        return self.client.post(path, {"hardwareHash": encode_base64(fresh), **body}, self.secret)

    def _granted(self, answer: Answer, what: str) -> dict[str, Any]:
        if not answer.is_ok:
            raise Unexpected(f"{what}: {answer.status} {answer.code}")
        return answer.body

    def _personal(self) -> str:
        answer = self._ask("joins", mode="workAccount", user=self.story.user, osVersion=OS_VERSION)
        if answer.code == "personal_blocked":
            return "personal_blocked"
        self.secret = self._granted(answer, "work account")["deviceSecret"]
        self._check_in()
        return "personal"

    def _registered(self) -> str:
        profile = self._start()
        if profile is None:
            raise Unexpected("not registered: import the fleet first")
        self._start()  # a reboot of the set-up fetches again
        refused = self._enroll(profile)
        if refused:
            return refused
        self._check_in()
        self._live()
        return "enrolled"

    def _start(self) -> dict[str, Any] | None:
        """Power on in the set-up: the profile, or None where the machine is not registered."""
        body = self._granted(self._ask("profile"), "profile")
        return dict(body["profile"]) if body["registration"] == "registered" else None

    def _enroll(self, profile: dict[str, Any]) -> str:
        """Enroll as the profile says; the documented refusal where the story expects one, else empty."""
        is_prepared = self.story.fate == Fate.PREPARED
        if profile["deviceUsageType"] == "shared":
            return self._try("selfDeploying", expected="entra_device_missing" if self.story.is_lost else "")
        if is_prepared:
            refused = self._try("preProvisioning", expected="entra_device_missing")
            if refused:
                return refused
        expected = "unlicensed_user" if self.story.is_unlicensed else ""
        return self._try("userDriven", expected=expected, user=self.story.user)

    def _try(self, mode: str, *, expected: str, **body: Any) -> str:
        answer = self._ask("enrollments", mode=mode, osVersion=OS_VERSION, **body)
        if expected and answer.code == expected:
            return expected
        if expected:
            raise Unexpected(f"{mode}: {answer.status} {answer.code} instead of {expected}")
        self.secret = self._granted(answer, mode)["deviceSecret"]
        return ""

    def _check_in(self, expected: str = NO_REMEDIATION) -> None:
        """Report, do what is asked, and answer at once."""
        body = self._granted(self._ask("check-ins", osVersion=OS_VERSION), "check-in")
        self.outcome.check_ins += 1
        if body["remediationState"] != expected:
            raise Unexpected(f"check-in: {body['remediationState']} instead of {expected}")
        if body["actions"]:
            done = [{"id": each["id"], "outcome": "done"} for each in body["actions"]]
            self._granted(self._ask("check-ins", acknowledged=done), "acknowledgement")
            if any(each["kind"] == "wipe" for each in body["actions"]):
                self._set_up_again("wiped")

    def _live(self) -> None:
        if self.story.fate == Fate.DISK:
            self._exchange("disk", new_disk=f"{self.story.seed} disk")
            self._check_in()
        elif self.story.fate == Fate.BOARD:
            self._exchange("board", new_board=f"{self.story.seed} board")
            self._check_in(expected=FIX_PENDING)
            self._check_in()
        elif self.story.fate == Fate.RESET:
            self._granted(self.client.post("resets", {}, self.secret), "reset")
            self._set_up_again("reset")

    def _exchange(self, note: str, **parts: Any) -> None:
        self.hardware = synthetic.recapture(self.hardware, at=FIRST_START, **parts)
        self.outcome.notes.append(note)

    def _set_up_again(self, note: str) -> None:
        """From the first start once more; a device that enrolled by its TPM may not, and says so."""
        self.secret = ""
        self.outcome.notes.append(note)
        profile = self._start()
        if profile is None:
            raise Unexpected("not registered after its reset")
        if profile["deviceUsageType"] == "shared":
            if self._try("selfDeploying", expected="userless_blocked"):
                self.outcome.notes.append("userless_blocked")
            return
        self._try("userDriven", expected="", user=self.story.user)
        self._check_in()
