"""By which rules a data set was made, where it does not say so."""

import json

import numpy as np
import pytest
from folder_data import PREFIX, build
from mmdet3d.registry import DATASETS

from cleaners.datasets.data_profile import check_profile
from cleaners.geometry.tsdf import occlusion_label_weights
from cleaners.testing import write_tiny_dataset
from cleaners.testing.tiny import GRID_SIZE
from cleaners.utils.errors import InputError


def follow_the_rule(root):
    """Give all frames the weights of the 3D-Sketch release."""
    for path in (root / 'TSDF').iterdir():
        with np.load(path) as file:
            tsdf = file['arr_0']
        with np.load(root / 'Label' / path.name) as file:
            label = file['arr_0']
        np.savez(path, tsdf, occlusion_label_weights(label, tsdf, 255))


def test_a_record_counts(tmp_path):
    write_tiny_dataset(tmp_path / 'Tiny', profile='adassc')
    data = build(tmp_path / 'Tiny', ann_file='tiny_infos_train.json')
    assert data.metainfo['profile'] == 'adassc'
    # but for what the config says
    data = build(
        tmp_path / 'Tiny',
        ann_file='tiny_infos_train.json',
        metainfo=dict(profile='3dsketch'),
    )
    assert data.metainfo['profile'] == '3dsketch'


def test_the_rule_of_the_weights_tells(tiny_root):
    grid = dict(metainfo=dict(grid_size=GRID_SIZE))
    assert build(tiny_root, **grid).metainfo['profile'] == 'unknown'
    follow_the_rule(tiny_root)
    assert build(tiny_root, **grid).metainfo['profile'] == '3dsketch'
    # clean TSDF has the weights of the sensor's
    prefix = dict(PREFIX, tsdf_path='{twin}/TSDF')
    data = build(tiny_root, data_prefix=prefix, **grid)
    assert data.metainfo['profile'] == '3dsketch'
    # an annotation file that names none
    path = tiny_root / 'tiny_infos_train.json'
    content = json.loads(path.read_text())
    del content['metainfo']['profile']
    path.write_text(json.dumps(content))
    data = build(tiny_root, ann_file=path.name)
    assert data.metainfo['profile'] == '3dsketch'
    # one voxel of the last frame
    last = tiny_root / 'TSDF/0004.npz'
    with np.load(last) as file:
        tsdf, weight = file['arr_0'], file['arr_1']
    weight[7] = 1 - weight[7]
    np.savez(last, tsdf, weight)
    assert build(tiny_root, **grid).metainfo['profile'] == 'unknown'


def test_a_misspelt_profile_is_refused(tiny_root):
    with pytest.raises(InputError, match="unknown profile 'adasc'; choose"):
        build(tiny_root, metainfo=dict(grid_size=GRID_SIZE, profile='adasc'))


def test_the_release(nyu_3dsketch_dir):
    data = build(nyu_3dsketch_dir, split='test')
    assert len(data) == 654 and data.metainfo['profile'] == '3dsketch'


def test_data_of_two_profiles_are_not_joined(tmp_path):
    parts = []
    for profile in ('3dsketch', 'adassc'):
        write_tiny_dataset(tmp_path / profile, 1, 1, profile=profile)
        parts.append(
            dict(
                type='NYUSSCDataset',
                data_root=str(tmp_path / profile),
                ann_file='tiny_infos_train.json',
                data_prefix=dict(PREFIX),
            )
        )
    with pytest.raises(ValueError, match='meta information'):
        DATASETS.build(dict(type='ConcatDataset', datasets=parts))


@pytest.mark.parametrize(
    'trained,given,told',
    [
        ('adassc', 'adassc', ''),
        (None, 'adassc', ''),
        ('adassc', None, ''),
        ('unknown', 'unknown', ''),
        ('unknown', 'adassc', 'is not known'),
        ('adassc', 'unknown', 'is not known'),
    ],
)
def test_what_is_not_known_is_let_pass(trained, given, told):
    warning = check_profile(trained, given, 'N', 'D is')
    assert told in warning and bool(told) == bool(warning)


def test_a_mismatch_is_refused():
    with pytest.raises(
        InputError,
        match="N was trained on data of profile 'adassc', but D is of "
        "profile '3dsketch'.*--profile adassc",
    ):
        check_profile('adassc', '3dsketch', 'N', 'D is')
