"""Windows devices after enrolment."""
