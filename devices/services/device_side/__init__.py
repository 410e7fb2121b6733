"""What machines ask of a local tenant, each request one service call.

machines.py                 the capture a machine presents, and which device it is
presenting.py               the effective profile, for a machine in its set-up
enrolling.py                enrolment in the chosen mode, with a secret for the check-ins
check_ins.py                a check-in of an enrolled device, and its own word that it resets
hardware_changes.py         Fix pending → Assigned or Attention required
automatic_registration.py   enrolled corporate devices that a profile registers
"""
