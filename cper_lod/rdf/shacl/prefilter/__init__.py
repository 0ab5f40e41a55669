"""Decides which focus nodes can have a validation result, so that pyshacl looks at few.

May import core and the modules of rdf.
"""
