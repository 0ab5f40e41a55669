"""What runs inside a query process. Imports nothing else of cper_lod.

`fork_server` is the process from which query processes are forked, `worker` runs queries, `output` writes answers.
They import only pyoxigraph and little of the standard library, so that the first one is small and ready within 40 ms:
they test `TYPE_CHECKING = False` instead of importing `typing` (5 ms), and do not use `pathlib` (5 ms).
"""
