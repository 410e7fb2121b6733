"""HOW: the shell and kit every screen and endpoint is made of; knows no tenant and no device.

bootstrap and embedded start Hangar on a bare machine; settings and env configure it; jobs runs
background work; ui and odata are the kits of the pages and of the API. This file imports nothing:
the bootstrap runs before any package is installed.
"""
