"""Who: tenants, people, roles and permissions, audit.

models/ the facts · permissions.py the role × action table · access.py the guards of every door ·
services/ one file per noun · tables/ filters/ forms/ views/ the pages · urls.py the addresses.
"""
