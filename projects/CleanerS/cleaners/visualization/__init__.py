"""Pictures and meshes of voxels, frames and errors; no display needed."""

from typing import Any

__all__ = ['SSCLocalVisualizer']


def __getattr__(name: str) -> Any:
    # when it is asked for: a mesh is written without mmengine
    if name not in __all__:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    from .ssc_local_visualizer import SSCLocalVisualizer

    return SSCLocalVisualizer
