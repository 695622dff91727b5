"""Importing this module puts every class of the package into its registry."""
from . import (datasets, evaluation, hooks, models, optim,  # noqa: F401
               visualization)
from .utils.atomic_backend import register_atomic_backend
from .utils.safe_globals import register_safe_globals

register_atomic_backend()
register_safe_globals()
