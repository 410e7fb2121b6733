"""The reconciler: finds records of one machine that lost their counterpart, names them, and mends them.

defects.py   each defect: how SQL finds it, what it means, what its fix does and needs
checking.py  the check as a job, on schedule and by hand
fixes.py     the fix of each defect, for one record
fixing.py    many fixes as a job over a frozen set, each looked at again first
"""
