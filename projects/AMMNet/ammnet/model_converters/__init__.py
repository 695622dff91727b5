"""Checkpoints of the authors' code, there and back."""
