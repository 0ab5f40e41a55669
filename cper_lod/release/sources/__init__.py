"""The source files: found, read, partitioned, their statements by file and line.

May import core, rdf and release.jobs.
"""
