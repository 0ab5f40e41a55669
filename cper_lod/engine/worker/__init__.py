"""What runs inside a query process. Imports nothing else of cper_lod.

Query processes are forked from a template that has these modules loaded. They import only pyoxigraph and little of the
standard library, so that the template is small and ready within 40 ms: they test `TYPE_CHECKING = False` instead of
importing `typing` (5 ms), and do not use `pathlib` (5 ms).
"""
