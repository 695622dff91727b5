"""Procedural rooms with a simulated RGB-D camera (SynthRooms)."""
