"""What the pages of some kinds of things show first: a table of the kinds, each with its template.

May import components, http and site, and what is below web. `kinds` says which kind a thing is of; every other thing
has the page that all have, of its properties.
"""
