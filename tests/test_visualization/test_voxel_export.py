import itertools

import numpy as np
import pytest

from cleaners.visualization.voxel_export import write_voxel_ply

PALETTE = [(10 * i, 20 * i, 255 - 10 * i) for i in range(12)]
VERTEX_PROPERTIES = [
    'property float x',
    'property float y',
    'property float z',
    'property uchar red',
    'property uchar green',
    'property uchar blue',
]
FACE_PROPERTIES = ['property list uchar int vertex_indices', 'property uchar label']


class Mesh:
    """A PLY file as written by ``write_voxel_ply``, read from its header."""

    def __init__(self, path):
        header, body = path.read_bytes().split(b'end_header\n', 1)
        lines = [
            line
            for line in header.decode('ascii').splitlines()
            if not line.startswith('comment')
        ]
        assert lines[:2] == ['ply', 'format binary_little_endian 1.0']
        assert lines[3:9] == VERTEX_PROPERTIES
        assert lines[10:] == FACE_PROPERTIES
        num_vertices = int(lines[2].replace('element vertex ', ''))
        num_faces = int(lines[9].replace('element face ', ''))
        assert len(body) == 15 * num_vertices + 18 * num_faces
        vertices = np.frombuffer(body, '<f4, <f4, <f4, u1, u1, u1', num_vertices)
        faces = np.frombuffer(body[15 * num_vertices :], 'u1, (4,)<i4, u1')
        self.points = np.stack([vertices[f'f{i}'] for i in range(3)], axis=1)
        self.colours = np.stack([vertices[f'f{i}'] for i in (3, 4, 5)], axis=1)
        self.quads, self.labels = faces['f1'], faces['f2']
        assert (faces['f0'] == 4).all()

    def signed_volume(self):
        a, b, c, d = self.points[self.quads].astype(np.float64).swapaxes(0, 1)
        return sum((p * np.cross(q, r)).sum() for p, q, r in ((a, b, c), (a, c, d))) / 6


def write(path, label, **kwargs):
    write_voxel_ply(path, label, PALETTE, **kwargs)
    return Mesh(path)


def exposed_faces(label, skip=(0, 255)):
    """(centre, outward normal, label) of all faces, in world grid units."""
    faces = set()
    for a, h, b in itertools.product(*map(range, label.shape)):
        if label[a, h, b] in skip:
            continue
        for axis, sign in itertools.product(range(3), (-1, 1)):
            normal = np.zeros(3, int)
            normal[axis] = sign
            other = np.array([a, h, b]) + normal
            inside = all(0 <= o < n for o, n in zip(other, label.shape))
            if inside and label[tuple(other)] not in skip:
                continue
            centre = np.array([a, h, b]) + 0.5 + normal / 2
            faces.add((*centre[[0, 2, 1]], *normal[[0, 2, 1]], int(label[a, h, b])))
    return faces


class TestWriteVoxelPly:
    def test_one_voxel_in_metres(self, tmp_path):
        label = np.zeros((3, 4, 5), dtype=np.uint8)
        label[1, 2, 3] = 7
        mesh = write(
            tmp_path / 'a.ply', label, voxel_size=0.1, voxel_origin=(10, 20, 30)
        )

        assert len(mesh.points) == 8 and len(mesh.quads) == 6
        # sideways 1 is X, depth 3 is Y, height 2 is Z
        np.testing.assert_allclose(
            mesh.points.min(axis=0), (10.1, 20.3, 30.2), rtol=1e-6
        )
        np.testing.assert_allclose(
            mesh.points.max(axis=0), (10.2, 20.4, 30.3), rtol=1e-6
        )
        assert (mesh.colours == (70, 140, 185)).all()
        assert (mesh.labels == 7).all()

    def test_neighbours_of_one_class_share_vertices(self, tmp_path):
        label = np.zeros((3, 2, 2), dtype=np.int64)
        label[1:, 0, 1] = 4
        mesh = write(tmp_path / 'a.ply', label, voxel_size=1.0)
        assert len(mesh.points) == 12 and len(mesh.quads) == 10
        centres = mesh.points[mesh.quads].mean(axis=1)
        assert not (centres == (2, 1.5, 0.5)).all(axis=1).any()

    def test_neighbours_of_two_classes_keep_their_colours(self, tmp_path):
        label = np.zeros((3, 2, 2), dtype=np.int64)
        label[1, 0, 1], label[2, 0, 1] = 4, 6
        mesh = write(tmp_path / 'a.ply', label, voxel_size=1.0)
        assert len(mesh.points) == 16 and len(mesh.quads) == 10
        assert sorted(mesh.labels) == [4] * 5 + [6] * 5
        for quad, face_label in zip(mesh.quads, mesh.labels):
            assert (mesh.colours[quad] == PALETTE[face_label]).all()

    def test_faces_and_winding_against_a_plain_loop(self, tmp_path):
        rng = np.random.default_rng(0)
        label = rng.choice([0, 1, 5, 255], (4, 5, 6), p=[0.4, 0.2, 0.3, 0.1])
        mesh = write(tmp_path / 'a.ply', label, voxel_size=1.0)
        corners = mesh.points[mesh.quads]
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 1])
        found = [
            (*centre, *normal, int(face_label))
            for centre, normal, face_label in zip(
                corners.mean(axis=1), normals, mesh.labels
            )
        ]
        assert len(found) == len(set(found))
        assert set(found) == exposed_faces(label)

    def test_signed_volume(self, tmp_path):
        rng = np.random.default_rng(1)
        label = rng.choice([0, 2, 3], (6, 4, 5))
        mesh = write(tmp_path / 'a.ply', label, voxel_size=0.08)
        np.testing.assert_allclose(
            mesh.signed_volume(), (label > 0).sum() * 0.08**3, rtol=1e-5
        )

    def test_skipped_labels(self, tmp_path):
        label = np.array([0, 1, 2, 255], dtype=np.uint8).reshape(4, 1, 1)
        mesh = write(tmp_path / 'a.ply', label)
        assert set(mesh.labels) == {1, 2}
        mesh = write(tmp_path / 'a.ply', label, skip=(0, 1, 255))
        assert set(mesh.labels) == {2} and len(mesh.quads) == 6

    def test_empty_scene_is_a_valid_file(self, tmp_path):
        label = np.array([0, 255], dtype=np.uint8).reshape(2, 1, 1)
        mesh = write(tmp_path / 'deep' / 'a.ply', label)
        assert len(mesh.points) == 0 and len(mesh.quads) == 0

    def test_replaces_a_file_and_leaves_nothing_else(self, tmp_path):
        (tmp_path / 'a.ply').write_text('old')
        write(tmp_path / 'a.ply', np.ones((1, 1, 1), dtype=np.uint8))
        assert [p.name for p in tmp_path.iterdir()] == ['a.ply']

    def test_failed_write_leaves_nothing(self, tmp_path):
        (tmp_path / 'a.ply').mkdir()
        with pytest.raises(OSError):
            write(tmp_path / 'a.ply', np.ones((1, 1, 1), dtype=np.uint8))
        assert [p.name for p in tmp_path.iterdir()] == ['a.ply']

    @pytest.mark.parametrize(
        'label, message',
        [
            (np.full((2, 2, 2), 12), r'labels \[12\] have no colour'),
            (np.full((2, 2, 2), -1), r'labels \[-1\] have no colour'),
            (np.zeros((2, 2, 2)), '3D array of integers, but got float64'),
            (np.zeros((2, 2), int), r'3D array of integers.* of \(2, 2\)'),
        ],
    )
    def test_refuses(self, tmp_path, label, message):
        with pytest.raises(ValueError, match=message):
            write_voxel_ply(tmp_path / 'a.ply', label, PALETTE)
        assert not list(tmp_path.iterdir())
