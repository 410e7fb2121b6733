"""The check: from uploaded files to a plan in which every row has a verdict.

steps      the check job: read → compare → judge → count; then the plan is open, or says why not
staging    read: each row examined and copied to its import, in steps that resume exactly once
examining  a row by itself: does its hash decode, does it suffice, does the file agree with it
likeness   compare: the rows of one import with each other
judging    verdict, reason and warnings against the registry and the tenant
settling   what the options decide, in one statement; the counts of the plan
foreign    does the import seem to belong to another tenant of the same person?
"""
