"""What runs a model: hooks, optimizers, and the set-up of a run."""
