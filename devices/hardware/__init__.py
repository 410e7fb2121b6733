"""The hardware hash, understood: plain Python, no Django, no database.

parts.py       the records of a hash as frozen dataclasses with units
identity.py    HardwareIdentity (the whole hash), what counts as missing, generic or bogus, identity keys
base64_text.py the text around the blob: whitespace, wrapping, padding, cut-off marks
faults.py      HashFault and its named faults, each with a sentence for an administrator
codec.py       one reader and one writer per record type
decode.py      decode(text or bytes) -> HardwareIdentity, after the container checks
encode.py      encode(identity) -> bytes, the exact inverse
match.py       match(known, candidate) -> same, different or replaced, with score and reasons
compare.py     compare(known, candidate) -> every field: agrees, differs or absent, and what it weighs
synthetic.py   made-up machines and fresh captures of them, for the demo and the tests
report.py      a decoded hash as readable text and as a JSON-able dict

A hash is a typed inventory in a container: "OA", a length, records, an unkeyed SHA-256, zero padding
to 3000 bytes, base64. The checksum finds damage, never forgery.
"""
