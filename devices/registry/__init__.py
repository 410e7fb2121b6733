"""The registration service of local tenants: what Microsoft's Device Directory Service is to Intune.

candidates.py finds who may be the same machine · recognition.py says which it is, seen from a tenant ·
claims.py registers · recaptures.py binds a registration to changed hardware · edits.py changes values ·
records.py the values · releases.py ends registrations · reading.py shows them ·
managed.py the Intune records · entra_objects.py the Entra objects of registrations ·
submissions.py who may name a machine by what · known_machines.py hashes an OEM reported ·
physical_ids.py the ids such an object carries.
"""
