"""What runs inside a query process.

Imports nothing else of cper_lod, since a query process starts from these modules alone.
"""
