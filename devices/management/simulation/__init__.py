"""A fleet of made-up machines that use a local tenant's device side over HTTP.

fleet.py     what happens to each machine, the same for the same seed
client.py    one machine's requests
playing.py   one machine's story, request by request
summary.py   what came of them all
"""
