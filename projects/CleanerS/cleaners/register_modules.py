"""Importing this module puts every class of the package into its registry."""

from . import (
    evaluation,  # noqa: F401
    models,  # noqa: F401
)
from .datasets import nyu_ssc_dataset, transforms  # noqa: F401
from .engine import hooks, optimizers  # noqa: F401
from .engine.config_text import remember_layouts
from .utils.atomic_backend import register_atomic_backend
from .utils.safe_globals import register_safe_globals
from .visualization import ssc_local_visualizer  # noqa: F401

remember_layouts()
register_atomic_backend()
register_safe_globals()
