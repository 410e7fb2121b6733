"""What can be said of a line before the service looks at it, and how an answer is written on its row."""

from django.utils.translation import gettext as _

from devices.models import SubmissionRow
from devices.registry.submissions import Identifier, Terms, identifier_of
from devices.services.imports import verdicts
from devices.services.partners.answers import NOT_ENOUGH, Answer, answer
from devices.services.partners.lines import Line

Outcome = SubmissionRow.Outcome


def examined(line: Line, terms: Terms) -> tuple[Identifier | None, Answer]:
    """What names the device, and the refusal of a line that the service need not look at."""
    if line.device_id:
        return None, Answer()
    identifier = identifier_of(line.named)
    if line.refusal:
        name = verdicts.INVALID_HASH if line.hardware_hash else verdicts.INVALID_BODY
        return identifier, answer(name, line.refusal)
    if identifier is None:
        return None, answer(NOT_ENOUGH)
    if identifier not in terms.identifiers:
        sentence = _(
            "A manufacturer names machines by manufacturer, model and serial number or by Windows product "
            "ID, never by the hardware hash."
        )
        return identifier, answer(verdicts.INVALID_BODY, sentence)
    if identifier == Identifier.HASH and line.blob is None:
        return identifier, answer(verdicts.INVALID_HASH, _("The hardware hash is not base64 text."))
    return identifier, Answer()


def refuse(row: SubmissionRow, said: Answer, *, outcome: str = Outcome.FAILED) -> None:
    """Write the service's answer on a row; its hash leaves it."""
    row.outcome, row.blob = outcome, None
    row.code, row.code_name = said.code, said.name
    row.reason, row.next_step = said.reason, said.next_step
