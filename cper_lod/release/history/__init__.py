"""Publications over time: history, publishing and rollback, rejections, withdrawn resources, provenance.

May import every other package of release.
"""
