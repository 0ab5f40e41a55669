"""What every package uses: errors, languages, settings, formats, namespaces.

Imports no other package of cper_lod.
"""
