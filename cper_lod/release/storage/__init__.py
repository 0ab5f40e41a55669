"""What a release is read from: quads in Oxigraph's index, lists and full text in SQLite; dumps, and sorted files of a build.

May import core, rdf and release.jobs.
"""
