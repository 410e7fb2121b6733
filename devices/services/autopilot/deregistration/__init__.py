"""The way out of a device, as a state machine: one resumable job, one row a device, evidence a step.

starting.py    who may, freezing the devices, what holds a job back
asking.py      how many devices the same person asked to remove lately
plans.py       which steps, in which order, by join type
machine.py     the job's step: the next devices that have the same thing to do
slices.py      some devices of a job that have the same thing to do, and what comes of it
steps.py       what each step looks at, asks of the service, and reads back
evidence.py    what is kept of each step, and its words
storing.py     rows, results and counters, in a fixed number of statements
retrying.py    try failed devices again
moving.py      to another tenant: the same steps, one more, and back where that fails
choosing.py    which devices a list of serials or ids names
by_hand.py     the on-premises object that a person deletes

Order of a full deregistration (design ruling on deleting): Intune record → unassign user →
registration → Entra object only if the device never enrolled; hybrid: the on-premises computer
object by hand. Sources: "Registration overview", deregister a device; What's new 2307 [D].
"""

from .machine import ended, step
from .retrying import retry
from .starting import TASK, start

__all__ = ["TASK", "ended", "retry", "start", "step"]
