"""What the portal does with devices, grouped by noun; every door calls one service per act.

imports/   read a CSV, plan what it would do, commit the plan
partners/  what OEMs, distributors and resellers register and remove for their customers

Imports point one way: partners → imports → syncs → replacing → registration | deregistration → editing |
profiles → assignment → directory.
"""
