"""What is wrong with volumes, of whatever data set."""

import numpy as np
import pytest

from cleaners.data_preparation.frame_checks import are_labels, is_tsdf, twin_faults
from cleaners.datasets import nyu


@pytest.mark.parametrize(
    'value, fits', [(1, True), (-1, True), (1.01, False), (np.nan, False)]
)
def test_a_tsdf_lies_within_one(value, fits):
    assert is_tsdf(np.array([0.5, value], np.float32)) == fits


@pytest.mark.parametrize(
    'value, fits', [(4, True), (255, True), (5, False), (-1, False)]
)
def test_labels_are_classes_or_ignored(value, fits):
    assert are_labels(np.array([0, value]), 5) == fits


def test_a_twin_has_the_weights_of_the_sensor(tmp_path):
    twin, sensor = tmp_path / 'twin.npz', tmp_path / 'sensor.npz'
    tsdf = np.zeros(nyu.GRID.num_voxels, np.float32)
    weight = np.ones_like(tsdf, np.uint8)
    np.savez(twin, tsdf, weight)
    assert not list(twin_faults(twin, sensor, weight))
    changed = weight.copy()
    changed[7], tsdf[7] = 0, 2
    np.savez(twin, tsdf, changed)
    beyond, other = (
        f'{twin}: values beyond -1..1',
        f'{twin}: other weights than {sensor}',
    )
    assert list(twin_faults(twin, sensor, weight)) == [beyond, other]
    # where the sensor's is gone
    assert list(twin_faults(twin, sensor, None)) == [beyond]
