"""Importing this module puts every class of the package into its registry."""
from . import datasets  # noqa: F401
from . import evaluation  # noqa: F401
from . import hooks  # noqa: F401
from . import models  # noqa: F401
from . import optim  # noqa: F401
from . import visualization  # noqa: F401
from .utils.atomic_backend import register_atomic_backend
from .utils.safe_globals import register_safe_globals

register_atomic_backend()
register_safe_globals()
