"""What: device facts, decisions, and the doors to them.

hardware/ reads and compares hardware hashes (plain Python) · models/ the facts · registry/ the
registration service of local tenants · connectors/ the only way services write device facts ·
services/ one folder or file per noun · tasks.py the Celery door · tables/ filters/ forms/ views/
the pages, one file per noun · management/commands/ the command line · urls.py the addresses.
"""
