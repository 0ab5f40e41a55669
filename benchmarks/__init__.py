"""What cper-lod costs, measured beside its peers in the same run: one module per question (see README.md)."""
