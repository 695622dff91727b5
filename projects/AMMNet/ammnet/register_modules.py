"""Importing this module puts every class of the package into its registry."""

from cleaners import register_modules  # noqa: F401

from . import models  # noqa: F401
from .engine import hooks, optimizers  # noqa: F401
