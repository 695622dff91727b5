"""Between our checkpoints and those of the authors of 3D-Sketch."""
