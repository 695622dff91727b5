"""Between our checkpoints and those of the authors of CVSformer."""
