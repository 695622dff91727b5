from .error_plots import (draw_confusion, draw_error_by_distance,
                          draw_error_by_occlusion, encode_figure)
from .ssc_local_visualizer import SSCLocalVisualizer, visible_labels
from .voxel_export import write_voxel_ply
from .voxel_render import View, fit_view, render_voxels

__all__ = [
    'SSCLocalVisualizer', 'View', 'draw_confusion', 'draw_error_by_distance',
    'draw_error_by_occlusion', 'encode_figure', 'fit_view', 'render_voxels',
    'visible_labels', 'write_voxel_ply'
]
