"""The API's doors: a serializer shapes, the same service acts as for a page.

bearer.py          who calls: the token's client and the partner it acts for
partner_center.py  Partner Center's device batches · partner_shapes.py  their bodies
"""
