"""CleanerS: semantic scene completion as an MMDetection3D-style extension.

Importing the package is cheap; ``import cleaners.register_modules`` (what the
configs do through ``custom_imports``) registers its classes.
"""

from .utils.mmcv_operators import stand_in_for_operators
from .version import __version__

# before anything else imports mmdet, mmseg or mmdet3d
stand_in_for_operators()

__all__ = ['__version__']
