import numpy as np
import pytest

from cleaners.geometry.cad import Hits
from cleaners.geometry.voxel_grid import GridView, VoxelGrid
from cleaners.synth.furniture_parts import Label
from cleaners.synth.pose import make_view
from cleaners.synth.sensor import sense_depth, surface_normals

SIZE = (120, 160)


def _wall(label, depth_mm=2000):
    """A wall of one class that fills the image, and its grid."""
    hits = Hits(
        np.zeros(SIZE, dtype=np.int64),
        np.full(SIZE, depth_mm, dtype=np.uint16),
        np.full(SIZE, 4, dtype=np.int8),
    )
    return hits, np.full((1, 1, 1), label, dtype=np.uint8)


@pytest.fixture
def view():
    level = make_view(1.5, 0.0)
    return GridView(
        level.cam2world,
        level.voxel_origin,
        level.intrinsics._replace(cx=80.0, cy=60.0),
        VoxelGrid((1, 1, 1), 0.02),
    )


class TestSurfaceNormals:
    @pytest.mark.parametrize(
        'face,normal',
        [
            (0, (-1, 0, 0)),
            (1, (1, 0, 0)),
            (2, (0, 1, 0)),
            (3, (0, -1, 0)),
            (4, (0, 0, -1)),
            (5, (0, 0, 1)),
            (-1, (0, 0, 0)),
        ],
    )
    def test_level_camera(self, view, face, normal):
        faces = np.full(SIZE, face, dtype=np.int8)
        np.testing.assert_allclose(
            surface_normals(faces, view)[60, 80], normal, atol=1e-7
        )

    def test_thin_lines_vanish(self, view):
        faces = np.full(SIZE, 4, dtype=np.int8)
        faces[:, 40] = 0
        normals = surface_normals(faces, view)
        np.testing.assert_allclose(normals[60, 40], [0, 0, -1], atol=1e-7)


class TestSenseDepth:
    def test_plain_wall(self, view):
        hits, labels = _wall(Label.WALL)
        depth = sense_depth(np.random.default_rng(0), hits, labels, view)
        measured = depth[depth > 0].astype(int)
        assert depth.dtype == np.uint16
        assert measured.size > 0.9 * depth.size
        assert 1 < np.median(np.abs(measured - 2000)) < 60

    @pytest.mark.parametrize('label', [Label.WINDOW, Label.TVS])
    def test_shiny(self, view, label):
        hits, labels = _wall(label)
        depth = sense_depth(np.random.default_rng(0), hits, labels, view)
        assert (depth == 0).mean() > 0.4

    @pytest.mark.parametrize('depth_mm', [300, 7500, 8000])
    def test_out_of_range(self, view, depth_mm):
        hits, labels = _wall(Label.WALL, depth_mm)
        depth = sense_depth(np.random.default_rng(0), hits, labels, view)
        assert not depth.any()

    def test_edges_are_lost(self, view):
        hits, labels = _wall(Label.WALL)
        hits.depth_mm[:, 80:] = 3000
        depth = sense_depth(np.random.default_rng(0), hits, labels, view)
        lost = (depth == 0).mean(axis=0)
        assert lost[79:81].min() > 0.5
        assert lost[100:].mean() < 0.1

    def test_grazed_surface(self, view):
        hits, labels = _wall(Label.WALL)
        hits.face[:] = 0
        depth = sense_depth(np.random.default_rng(0), hits, labels, view)
        # a side wall: rays near the middle column run along it
        assert (depth[:, 75:85] == 0).mean() > 0.9

    def test_error_grows_with_depth(self, view):
        errors = []
        for depth_mm in (1000, 4000):
            hits, labels = _wall(Label.WALL, depth_mm)
            depth = sense_depth(np.random.default_rng(0), hits, labels, view)
            errors.append(np.std(depth[depth > 0]))
        assert errors[1] > 3 * errors[0]
