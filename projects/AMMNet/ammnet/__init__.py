"""AMMNet: a method for semantic scene completion on top of ``cleaners``.

Importing the package is cheap; ``import ammnet.register_modules`` (what its
configs do through ``custom_imports``) registers its classes.
"""
