"""The API in plain JSON: a shape for each class of things, their lists, and their JSON Schemas (`schemas.json`).

May import: `components`, `http`, `site`.
"""
