"""What cper-lod costs, measured beside its peers in the same run: one program a question (see README.md)."""
