"""Files of a release that are searched without being read whole: sorted quads, lists by class, full text; dumps.

May import core, rdf and release.jobs.
"""
