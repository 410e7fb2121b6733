"""From a file that an admin has to devices that are registered.

reader/     files of every shape → rows of text, and back; knows no model
checking/   the check job: rows → a plan in which every row has a verdict

uploading   files into storage, and the check begins
planning    a person's options and ticks on a checked plan
replacing   one row's machine in the place of the device whose board it replaces, at once
committing  the commit job, slice by slice · registering  one slice through the connector
downloads   failed rows, old values, files for Intune · retention  what is erased when

places      where a row's machine stands in the registry; the check and the commit both look
verdicts    the service's codes and words · writing  many rows in one statement
"""
