"""Between our checkpoints and those of others; what tools call."""
