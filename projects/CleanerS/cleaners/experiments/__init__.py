"""Experiments of several trainings, each one command that can be cut."""
