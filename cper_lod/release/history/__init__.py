"""Publications over time: history, publication, rejection, retention, tombstones, LDES.

May import every other package of release.
"""
