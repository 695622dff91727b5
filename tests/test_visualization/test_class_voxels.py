"""Scenes as cubes, class by class."""

import numpy as np
import pytest
from scene_samples import METAINFO, ORIGIN

from cleaners.visualization.class_voxels import (
    box_middle,
    class_voxels,
    cube_mesh,
    surface_positions,
)


def middle(voxel, view):
    """World position of a voxel (sideways, height, depth)."""
    x, y, z = voxel
    return np.array(ORIGIN) + view.voxel_size * (np.array([x, z, y]) + 0.5)


def is_inside(label, voxel):
    """Whether all six neighbours are there, and of the same class."""
    for axis in range(3):
        for step in (-1, 1):
            other = list(voxel)
            other[axis] += step
            if not 0 <= other[axis] < label.shape[axis]:
                return False
            if label[tuple(other)] != label[voxel]:
                return False
    return True


def test_every_voxel_that_can_be_seen_is_a_cube_of_its_class(view):
    label = view.prediction.copy()
    label[2:6, 2:6, 2:6] = 3  # 4 x 4 x 4, 8 of them inside
    view = view._replace(prediction=label)
    found = class_voxels(view, METAINFO)
    wanted = {}
    for voxel in np.ndindex(*label.shape):
        if label[voxel] not in (0, 255) and not is_inside(label, voxel):
            wanted.setdefault(int(label[voxel]), []).append(voxel)
    assert [f.name for f in found] == [
        METAINFO['classes'][index] for index in sorted(wanted)
    ]
    for part, (index, voxels) in zip(found, sorted(wanted.items())):
        np.testing.assert_allclose(
            part.positions, [middle(voxel, view) for voxel in voxels], atol=1e-5
        )
        assert part.colour == tuple(METAINFO['palette'][index])
    inner = sum((label == index).sum() for index in wanted) - sum(
        len(part.positions) for part in found
    )
    assert inner >= 8


def test_confidence_from_dark_to_bright(view):
    confidence = np.zeros(view.prediction.shape, np.float32)
    confidence[view.prediction == 2] = 1
    found = {
        part.name: part.confidence_colours
        for part in class_voxels(view._replace(confidence=confidence), METAINFO)
    }
    sure = found.pop(METAINFO['classes'][2])
    assert sure.sum(axis=1).min() > 300
    assert max(part.sum(axis=1).max() for part in found.values()) < 200


def test_surface(view):
    voxels = np.argwhere(view.surface)
    np.testing.assert_allclose(
        surface_positions(view.surface, view.voxel_size, view.voxel_origin),
        [middle(voxel, view) for voxel in voxels],
        atol=1e-5,
    )


def test_middle_of_the_box(view):
    x, y, z = view.prediction.shape
    extent = view.voxel_size * np.array([x, z, y])
    np.testing.assert_allclose(box_middle(view), ORIGIN + extent / 2)


def test_cube_is_closed_and_faces_outwards():
    corners, triangles = cube_mesh(0.2)
    assert np.abs(corners).min() == np.abs(corners).max() == np.float32(0.1)
    a, b, c = corners[triangles].transpose(1, 0, 2).astype(float)
    normals = np.cross(b - a, c - a)
    # the volume by the divergence theorem has its sign from the winding
    assert (normals * a).sum() / 6 == pytest.approx(0.008, rel=1e-6)
    assert ((normals * (a + b + c)).sum(axis=1) > 0).all()
    edges = np.concatenate([triangles[:, [i, (i + 1) % 3]] for i in range(3)])
    pairs = {tuple(edge) for edge in edges.tolist()}
    assert len(pairs) == 36 and all(edge[::-1] in pairs for edge in pairs)
