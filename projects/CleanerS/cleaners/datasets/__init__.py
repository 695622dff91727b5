from . import transforms
from .nyu_ssc_dataset import NYUSSCDataset

__all__ = ['NYUSSCDataset', 'transforms']
