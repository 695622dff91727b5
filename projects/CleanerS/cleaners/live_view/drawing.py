"""A completed scene in the live view, with switches for its parts."""

import html
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.transform import Rotation

from ..geometry.camera import Intrinsics
from ..visualization.class_voxels import (
    ClassVoxels,
    box_middle,
    class_voxels,
    cube_mesh,
    surface_positions,
)
from ..visualization.scene_view import SceneView
from ..visualization.voxel_mesh import HIDDEN_CLASSES

if TYPE_CHECKING:
    from viser import (
        BatchedMeshHandle,
        CameraFrustumHandle,
        GuiApi,
        GuiCheckboxHandle,
        GuiEvent,
        SceneApi,
        SceneNodeHandle,
    )

# parts of a voxel's edge: cubes of classes that do not touch show where
# voxels end, and those of the surface cover them
_CLASS_SIDE, _SURFACE_SIDE = 0.94, 1.0
_SURFACE_COLOUR = (235, 235, 245)
_FRUSTUM = 0.5  # metres


class SceneDrawing:
    """A scene and its switches, until it is removed.

    The middle of the grid is drawn at the origin of the live view.

    Args:
        gui (viser.GuiApi): Gets the switches.
        scene (viser.SceneApi): Gets the cubes.
        view (SceneView): The scene.
        metainfo (dict): ``classes`` and ``palette``.

    Attributes:
        classes (dict[str, viser.BatchedMeshHandle]): Cubes of each class.
        switches (dict[str, viser.GuiCheckboxHandle]): Of each class, and
            'visible surface', 'camera' and 'confidence', as far as they are
            known.
    """

    def __init__(
        self, gui: 'GuiApi', scene: 'SceneApi', view: SceneView, metainfo: dict
    ) -> None:
        self._scene = scene
        self._root = scene.add_frame(
            '/room', show_axes=False, position=-box_middle(view)
        )
        self._folder = gui.add_folder('Show')
        self.classes: dict[str, BatchedMeshHandle] = {}
        self.switches: dict[str, GuiCheckboxHandle] = {}
        voxels = class_voxels(view, metainfo)
        with self._folder:
            self._add_parts(gui, view, voxels)
            gui.add_html(_legend(voxels))
            for found in voxels:
                cubes = self._draw_cubes(
                    f'class {found.name}',
                    found.positions,
                    _CLASS_SIDE * view.voxel_size,
                    found.colour,
                )
                self.classes[found.name] = cubes
                self._add_switch(
                    gui, found.name, cubes, found.name not in HIDDEN_CLASSES
                )

    def remove(self) -> None:
        """Take everything away."""
        self._root.remove()
        self._folder.remove()

    def _add_parts(
        self, gui: 'GuiApi', view: SceneView, voxels: list[ClassVoxels]
    ) -> None:
        """Draw what is no class."""
        if view.confidence is not None:
            switch = gui.add_checkbox('confidence', False)
            switch.on_update(lambda _: self._colour_classes(voxels, switch.value))
            self.switches['confidence'] = switch
        if view.surface is not None:
            surface = self._draw_cubes(
                'surface',
                surface_positions(view.surface, view.voxel_size, view.voxel_origin),
                _SURFACE_SIDE * view.voxel_size,
                _SURFACE_COLOUR,
            )
            self._add_switch(gui, 'visible surface', surface, False)
        picture = view.depth if view.photo is None else view.photo
        if not (view.cam2world is None or view.intrinsics is None or picture is None):
            camera = self._draw_camera(view.cam2world, view.intrinsics, picture)
            self._add_switch(gui, 'camera', camera, True)

    def _add_switch(
        self, gui: 'GuiApi', name: str, node: 'SceneNodeHandle', is_on: bool
    ) -> None:
        """A checkbox that shows and hides."""
        node.visible = is_on
        switch = gui.add_checkbox(name, is_on)

        @switch.on_update
        def _(_: 'GuiEvent') -> None:
            node.visible = switch.value

        self.switches[name] = switch

    def _draw_cubes(
        self, name: str, positions: np.ndarray, side: float, colour: tuple
    ) -> 'BatchedMeshHandle':
        corners, triangles = cube_mesh(side)
        unturned = np.tile(np.array([1, 0, 0, 0], np.float32), (len(positions), 1))
        return self._scene.add_batched_meshes_simple(
            f'/room/{name}',
            corners,
            triangles,
            unturned,
            positions,
            batched_colors=np.array(colour, np.uint8),
            lod='off',
            flat_shading=True,
        )

    def _colour_classes(self, voxels: list[ClassVoxels], by_confidence: bool) -> None:
        for found in voxels:
            colours = (
                found.confidence_colours
                if by_confidence
                else np.array(found.colour, np.uint8)
            )
            self.classes[found.name].batched_colors = colours

    def _draw_camera(
        self, cam2world: np.ndarray, intrinsics: Intrinsics, picture: np.ndarray
    ) -> 'CameraFrustumHandle':
        height, width = picture.shape[:2]
        pose = np.asarray(cam2world)
        x, y, z, w = Rotation.from_matrix(pose[:3, :3]).as_quat()
        return self._scene.add_camera_frustum(
            '/room/camera',
            fov=2 * np.arctan(height / 2 / intrinsics.fy),
            aspect=width / height,
            scale=_FRUSTUM,
            image=picture,
            wxyz=(w, x, y, z),
            position=pose[:3, 3],
        )


def _legend(voxels: list[ClassVoxels]) -> str:
    """Colours and names, as HTML."""
    entries = ' '.join(
        '<span style="white-space:nowrap;margin-right:1em">'
        f'<span style="color:rgb{found.colour}">&#9632;</span> '
        f'{html.escape(found.name)}</span>'
        for found in voxels
    )
    return f'<div style="padding:0.3em 0.8em;font-size:0.8em">{entries}</div>'
