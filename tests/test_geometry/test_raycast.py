import numpy as np
import pytest

from cleaners.geometry.raycast import cast_rays

SHAPE = (3, 4, 5)


def _grid(*cells):
    grid = np.zeros(SHAPE, dtype=bool)
    for cell in cells:
        grid[cell] = True
    return grid


def _flat(*cell):
    return np.ravel_multi_index(cell, SHAPE)


def _sample_rays(grid, origin, directions, t_stop, step):
    """First occupied voxel by dense sampling, -1 for none."""
    steps = np.arange(0, t_stop, step)[:, None]
    voxels = []
    for direction in directions:
        cells = np.floor(origin + steps * direction).astype(int)
        cells = cells[((cells >= 0) & (cells < grid.shape)).all(axis=1)]
        hits = cells[grid[tuple(cells.T)]]
        voxels.append(np.ravel_multi_index(hits[0], grid.shape) if len(hits) else -1)
    return np.array(voxels)


class TestCastRays:
    @pytest.mark.parametrize('axis', range(3))
    @pytest.mark.parametrize('sign', [1, -1])
    def test_axis_from_outside(self, axis, sign):
        cell = (1, 2, 3)
        origin = np.array(cell) + 0.5
        origin[axis] = -2.0 if sign > 0 else SHAPE[axis] + 2.0
        direction = np.zeros((1, 3))
        direction[0, axis] = 2.0 * sign
        voxel, t_in, t_out, face = cast_rays(_grid(cell), origin, direction)
        distance = cell[axis] + 2.0 if sign > 0 else SHAPE[axis] + 1.0 - cell[axis]
        assert voxel[0] == _flat(*cell)
        np.testing.assert_allclose(
            [t_in[0], t_out[0]], [distance / 2, distance / 2 + 0.5]
        )
        assert face[0] == 2 * axis + (sign < 0)

    def test_diagonal_by_hand(self):
        # from (0.5, 0.5, 0.5) along (1, 2, 0): leaves y = 1 at t = 0.25,
        # x = 1 at 0.5, y = 2 at 0.75, y = 3 at 1.25
        grid = _grid((1, 1, 0), (1, 2, 0))
        voxel, t_in, t_out, face = cast_rays(grid, [0.5, 0.5, 0.5], [[1, 2, 0]])
        assert voxel[0] == _flat(1, 1, 0)
        assert (t_in[0], t_out[0], face[0]) == (0.5, 0.75, 0)

    def test_misses(self):
        directions = [[0, 0, -1], [0, 1, 0], [0, 0, 0], [1, 1, 1]]
        voxel, t_in, t_out, face = cast_rays(
            _grid((1, 2, 3)), [-1.5, 2.5, 3.5], directions
        )
        assert (voxel == -1).all() and (face == -1).all()
        assert np.isinf(t_in).all() and np.isinf(t_out).all()

    def test_no_hit_behind_the_start(self):
        voxel = cast_rays(_grid((1, 2, 1)), [1.5, 2.5, 3.5], [[0, 0, 1]])[0]
        assert voxel[0] == -1

    def test_starts_inside_a_voxel(self):
        voxel, t_in, t_out, face = cast_rays(
            _grid((1, 2, 3)), [1.5, 2.5, 3.5], [[0, 0, -2.0]]
        )
        assert voxel[0] == _flat(1, 2, 3)
        assert (t_in[0], t_out[0], face[0]) == (0, 0.25, -1)

    @pytest.mark.parametrize(
        'min_run,expected', [(0.0, (1, 0, 0)), (0.09, (1, 0, 0)), (0.11, (1, 1, 0))]
    )
    def test_grazed_corner(self, min_run, expected):
        # runs through (1, 0, 0) for t in 0.9..1.0 only
        grid = _grid((1, 0, 0), (1, 1, 0))
        voxel = cast_rays(grid, [0.1, 0.0, 0.5], [[1.0, 1.0, 0.0]], min_run)[0]
        assert voxel[0] == _flat(*expected)

    def test_one_origin_per_ray(self):
        origins = [[0.5, 0.5, -1], [1.5, 2.5, -1]]
        voxel = cast_rays(_grid((1, 2, 3)), origins, [[0, 0, 1]] * 2)[0]
        assert voxel.tolist() == [-1, _flat(1, 2, 3)]

    @pytest.mark.parametrize('origin', [(5.3, 4.1, 6.7), (-4.2, 3.3, 15.1)])
    def test_against_dense_sampling(self, origin):
        rng = np.random.default_rng(0)
        grid = rng.random((11, 8, 13)) < 0.05
        grid[5, 4, 6] = False
        middle = np.array(grid.shape) / 2
        directions = middle - origin + rng.normal(0, 4, size=(300, 3))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        # the sampling cannot see runs shorter than its step
        voxel, t_in, _, _ = cast_rays(grid, origin, directions, 1e-3)
        sampled = _sample_rays(grid, np.array(origin), directions, 40, 1e-3)
        assert (voxel != sampled).sum() <= 1
        assert (voxel >= 0).sum() > 100
        assert t_in[voxel >= 0].min() > 0

    def test_run_lies_in_the_voxel(self):
        rng = np.random.default_rng(1)
        grid = rng.random((9, 7, 8)) < 0.1
        origin = np.array([-3.0, 3.1, 4.2])
        directions = rng.normal(size=(500, 3)) + [2, 0, 0]
        voxel, t_in, t_out, face = cast_rays(grid, origin, directions, 1e-9)
        hit = voxel >= 0
        middle = (t_in + t_out)[hit, None] / 2
        cells = np.floor(origin + middle * directions[hit]).astype(int)
        np.testing.assert_array_equal(
            np.ravel_multi_index(cells.T, grid.shape), voxel[hit]
        )
        axis, high = face[hit] // 2, face[hit] % 2
        rows = np.arange(hit.sum())
        entry = (origin + t_in[hit, None] * directions[hit])[rows, axis]
        np.testing.assert_allclose(entry, cells[rows, axis] + high, atol=1e-9)

    @pytest.mark.parametrize(
        'kwargs,match',
        [
            (dict(occupied=np.zeros((3, 3), bool)), 'occupied should be a 3D'),
            (dict(occupied=np.zeros((3, 3, 3))), 'occupied should be a 3D'),
            (dict(directions=[1, 0, 0]), r'directions should be \(N, 3\)'),
            (dict(origins=[[0, 0, 0]] * 2), r'origins should be \(3,\)'),
            (dict(origins=[0, np.nan, 0]), 'finite'),
        ],
    )
    def test_refusals(self, kwargs, match):
        good = dict(occupied=_grid(), origins=[0, 0, 0], directions=[[1, 0, 0]])
        with pytest.raises(ValueError, match=match):
            cast_rays(**{**good, **kwargs})
