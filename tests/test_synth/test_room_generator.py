import numpy as np
import pytest

from cleaners.geometry.voxel_grid import VoxelGrid
from cleaners.synth.furniture_parts import Label
from cleaners.synth.pose import sample_view
from cleaners.synth.room_generator import generate_room

GRID = VoxelGrid((120, 72, 120), 0.04)


def _generate(seed):
    rng = np.random.default_rng(seed)
    return generate_room(rng, sample_view(rng, GRID))


@pytest.fixture(scope='module')
def rooms():
    return [_generate(seed) for seed in range(8)]


class TestGenerateRoom:
    def test_same_seed_same_room(self, rooms):
        again = _generate(3)
        np.testing.assert_array_equal(again.labels, rooms[3].labels)
        np.testing.assert_array_equal(again.instances, rooms[3].instances)
        np.testing.assert_array_equal(again.colours, rooms[3].colours)
        assert (rooms[2].labels != rooms[3].labels).any()

    def test_shell(self, rooms):
        for room in rooms:
            plan = room.labels[:, 1] == Label.FLOOR
            # NYU's floor lies 4 to 8 cm above the bottom of the box
            assert set(np.unique(room.labels[:, 0])) == {0, 255}
            assert (room.labels.transpose(0, 2, 1)[~plan] == 255).all()
            assert (room.labels.transpose(0, 2, 1)[plan] != 255).all()
            ceiling = np.argwhere(room.labels == Label.CEILING)
            height = (ceiling[:, 1] * GRID.voxel_size).mean() - 0.08
            assert len(ceiling) == plan.sum()
            assert 2.15 < height < 2.55

    def test_classes(self, rooms):
        present = [set(np.unique(room.labels)) for room in rooms]
        assert set.union(*present) == {*range(12), 255}
        assert np.mean([len(labels - {0, 255}) for labels in present]) >= 8

    def test_instances_have_one_class(self, rooms):
        for room in rooms:
            occupied = (room.labels > 0) & (room.labels < 255)
            pairs = np.unique(
                np.stack([room.instances[occupied], room.labels[occupied]]), axis=1
            )
            assert len(np.unique(pairs[0])) == pairs.shape[1]
            assert pairs[0].min() > 0
            assert pairs[0].max() < len(room.colours)
