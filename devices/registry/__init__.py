"""The registration service of local tenants: what Microsoft's Device Directory Service is to Intune.

candidates.py finds who may be the same machine · recognition.py says which it is, seen from a tenant ·
claims.py registers · edits.py changes values ·
records.py the values · releases.py ends registrations · reading.py shows them ·
managed.py the Intune records ·
physical_ids.py the ids an Entra object carries.
"""
