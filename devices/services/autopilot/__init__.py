"""What one does with registered devices.

editing.py         one device's name, tag and user; the write that every other change goes through
users.py           who a device may be assigned to
bulk.py            one change on a frozen set of devices, as a job
kinds.py           the changes bulk.py knows, and what each would do to a device
unblocking.py      allow a userless device to enroll once more
deregistration/    the ways to remove devices, as a job with evidence a step
impact.py          what a deletion would hit, for the dialog
replacing.py       another board: the old device leaves, the new one takes its values
undo_kits.py       what a removal took away, on every path; and its erasure
restoring.py       register again from an undo kit
life.py            the moments of a device's life, for the flyout
enrolment/         enrollment by deployment mode, and every documented failure
facts.py           what a device's flyout shows beside its own row: hardware, links, history
exporting.py       the rows with their hash, in Microsoft's import format
across.py          the newest devices of every tenant one may see
purging.py         erase what retention no longer needs
"""
