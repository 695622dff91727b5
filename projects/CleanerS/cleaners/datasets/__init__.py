"""Data sets, their transforms, and what is known of NYU."""

from typing import Any

__all__ = ['NYUSSCDataset']


def __getattr__(name: str) -> Any:
    # when it is asked for: what is known of NYU needs no torch
    if name not in __all__:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    from .nyu_ssc_dataset import NYUSSCDataset

    return NYUSSCDataset
