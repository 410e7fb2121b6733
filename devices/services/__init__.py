"""What the portal does with devices, grouped by noun; every door calls one service per act.

imports/   read a CSV, plan what it would do, commit the plan

Imports point one way: imports → syncs → replacing → registration | deregistration → editing |
profiles → assignment → directory.
"""
