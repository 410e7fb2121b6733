"""A partner's pages about devices: batches, uploads, deregistration, devices, reports of hashes."""
