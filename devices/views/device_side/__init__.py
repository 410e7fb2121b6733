"""The doors machines of a local tenant knock at: JSON over HTTP, no session, no cookie.

door.py          key, limits, body, problems
profiles.py      a machine in its set-up asks for its profile
enrolments.py    enrolment and joining
check_ins.py     check-ins and resets of enrolled devices
"""
