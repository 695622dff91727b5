"""Importing this module puts every class of the package into its registry."""

from cleaners import register_modules  # noqa: F401

from . import focal_voxel_loss, gated_ssc_head, office_ssc_dataset  # noqa: F401
