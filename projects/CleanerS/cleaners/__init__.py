"""CleanerS: semantic scene completion as an MMDetection3D-style extension.

Importing the package is cheap; ``import cleaners.register_modules`` (what the
configs do through ``custom_imports``) registers its classes.
"""
from .version import __version__

__all__ = ['__version__']
