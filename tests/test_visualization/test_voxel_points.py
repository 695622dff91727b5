"""Point clouds, decoded from their own headers."""

import struct

import numpy as np
import pytest

from cleaners.visualization.voxel_points import (
    collect_points,
    write_points_pcd,
    write_points_ply,
)

PALETTE = [(10 * i, 20 * i, 255 - 10 * i) for i in range(12)]
ORIGIN, SIZE = (10, 20, 30), 0.1


@pytest.fixture(scope='module')
def scene():
    rng = np.random.default_rng(0)
    label = rng.choice([0, 1, 5, 11, 255], (4, 5, 6))
    return label, rng.random(label.shape).astype(np.float32)


@pytest.fixture(scope='module')
def expected(scene):
    """(x, y, z, r, g, b, label, confidence) of each voxel, by a loop."""
    label, confidence = scene
    rows = []
    for i, j, k in np.ndindex(label.shape):
        name = label[i, j, k]
        if name not in (0, 255):
            rows.append(
                (
                    10 + SIZE * (i + 0.5),
                    20 + SIZE * (k + 0.5),
                    30 + SIZE * (j + 0.5),
                    *PALETTE[name],
                    name,
                    confidence[i, j, k],
                )
            )
    return np.array(rows)


def test_points_against_a_loop(scene, expected):
    points = collect_points(*scene, SIZE, ORIGIN)
    assert points.xyz.dtype == points.confidence.dtype == np.float32
    assert points.label.dtype == np.uint8
    np.testing.assert_allclose(points.xyz, expected[:, :3], rtol=1e-6)
    np.testing.assert_array_equal(points.label, expected[:, 6])
    np.testing.assert_allclose(points.confidence, expected[:, 7], rtol=1e-6)


def test_confidence_defaults_to_one_and_labels_are_skipped():
    label = np.array([0, 1, 2, 255], dtype=np.uint8).reshape(4, 1, 1)
    points = collect_points(label, skip=(0, 1))
    assert points.label.tolist() == [2, 255]
    assert points.confidence.tolist() == [1, 1]


def test_ply(tmp_path, scene, expected):
    path = tmp_path / 'a.ply'
    write_points_ply(path, collect_points(*scene, SIZE, ORIGIN), PALETTE)
    header, body = path.read_bytes().split(b'end_header\n', 1)
    lines = header.decode('ascii').splitlines()
    assert lines[:2] == ['ply', 'format binary_little_endian 1.0']
    assert f'element vertex {len(expected)}' in lines
    names = [line.split()[1:] for line in lines if 'property' in line]
    assert names == [
        ['float', 'x'],
        ['float', 'y'],
        ['float', 'z'],
        ['uchar', 'red'],
        ['uchar', 'green'],
        ['uchar', 'blue'],
        ['uchar', 'label'],
        ['float', 'confidence'],
    ]
    rows = np.array(list(struct.iter_unpack('<fffBBBBf', body)))
    np.testing.assert_allclose(rows, expected, rtol=1e-6)


def test_pcd(tmp_path, scene, expected):
    path = tmp_path / 'a.pcd'
    write_points_pcd(path, collect_points(*scene, SIZE, ORIGIN), PALETTE)
    header, body = path.read_bytes().split(b'DATA binary\n', 1)
    told = dict(line.split(' ', 1) for line in header.decode().splitlines()[1:])
    assert int(told['POINTS']) == int(told['WIDTH']) == len(expected)
    assert told['FIELDS'] == 'x y z rgb label confidence'
    codes = dict(F4='f', U4='I', U1='B')
    kinds = zip(told['TYPE'].split(), told['SIZE'].split())
    layout = '<' + ''.join(codes[kind + size] for kind, size in kinds)
    rows = np.array(list(struct.iter_unpack(layout, body)))
    np.testing.assert_allclose(rows[:, :3], expected[:, :3], rtol=1e-6)
    np.testing.assert_allclose(rows[:, 4:], expected[:, 6:], rtol=1e-6)
    rgb = rows[:, 3].astype(int)
    np.testing.assert_array_equal(
        np.stack([rgb >> 16, rgb >> 8 & 255, rgb & 255], 1), expected[:, 3:6]
    )


@pytest.mark.parametrize('write', [write_points_ply, write_points_pcd])
def test_no_points_and_no_colour(tmp_path, write):
    empty = collect_points(np.zeros((1, 2, 3), int))
    write(tmp_path / 'new' / 'a', empty, PALETTE)
    assert (tmp_path / 'new' / 'a').read_bytes().endswith(b'\n')
    points = collect_points(np.full((1, 1, 1), 12))
    with pytest.raises(ValueError, match=r'labels \[12\] have no colour'):
        write(tmp_path / 'b', points, PALETTE)
    assert not (tmp_path / 'b').exists()


@pytest.mark.parametrize(
    'label, confidence, message',
    [
        (np.zeros((2, 2)), None, '3D array of integers'),
        (np.full((2, 2, 2), -1), None, r'in 0..255, but spans -1..-1'),
        (np.ones((2, 2, 2), int), np.ones((2, 2, 3)), 'confidence has the grid'),
    ],
)
def test_refuses(label, confidence, message):
    with pytest.raises(ValueError, match=message):
        collect_points(label, confidence)
