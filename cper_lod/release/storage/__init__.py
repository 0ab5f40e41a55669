"""Files of a release that are searched without being read whole: sorted lines, quads, full text.

May import core, rdf and release.jobs.
"""
