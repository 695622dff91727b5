"""CVSformer: a method for semantic scene completion on top of ``cleaners``.

Importing the package is cheap; ``import cvsformer.register_modules`` (what its
configs do through ``custom_imports``) registers its classes.
"""
