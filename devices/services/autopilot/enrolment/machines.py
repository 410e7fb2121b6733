"""What the machine itself brings into an enrolment."""

from dataclasses import dataclass

from devices.hardware.identity import HardwareIdentity, identity_keys

OPERATING_SYSTEM = "Windows"
SIMULATED_OS_VERSION = "10.0.26100.4349"


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine that enrolls; a simulated one exists only as a record and has no secret.

    secret_digest: what is kept of the secret that it will show at its check-ins.
    """

    os_version: str = ""
    has_tpm: bool = False
    secret_digest: str | None = None
    is_simulated: bool = False


def simulated_machine(*, has_tpm: bool) -> Machine:
    """The machine of a simulated sign-in."""
    return Machine(os_version=SIMULATED_OS_VERSION, has_tpm=has_tpm, is_simulated=True)


def has_tpm(identity: HardwareIdentity) -> bool:
    """Whether a capture shows a TPM's endorsement key."""
    return any(key.kind == "ek" for key in identity_keys(identity))
