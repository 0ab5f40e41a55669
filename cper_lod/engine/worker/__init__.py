"""What runs inside a query process. Imports nothing else of cper_lod.

A query process must be ready within 50 ms, so these modules import only pyoxigraph and little of the standard library:
they test `TYPE_CHECKING = False` instead of importing `typing` (5 ms), and do not use `pathlib` (5 ms).
"""
