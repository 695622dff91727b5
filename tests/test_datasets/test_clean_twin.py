"""The clean twin is found, or it is said where it was looked for."""

import json
import os
import shutil

import pytest
from mmdet3d.registry import DATASETS

from cleaners.datasets.clean_twin import find_twin
from cleaners.utils.errors import InputError

PREFIX = dict(
    img_path='trainset/RGB',
    tsdf_path='{twin}/TSDF',
    mapping_path='Mapping',
    label_path='Label',
)


def tsdf_of(root, **kwargs):
    """Where the first frame's TSDF is."""
    cfg = dict(
        type='NYUSSCDataset',
        data_root=str(root),
        ann_file='tiny_infos_train.json',
        data_prefix=dict(PREFIX),
    )
    dataset = DATASETS.build(dict(cfg, **kwargs))
    path = dataset.get_data_info(0)['tsdf_path']
    assert os.path.isfile(path)
    return path


def record_twin(root, **kwargs):
    """Let the annotation file name a twin, as create_data.py does."""
    path = root / 'tiny_infos_train.json'
    content = json.loads(path.read_text())
    content['metainfo'].update(kwargs)
    path.write_text(json.dumps(content))


@pytest.fixture
def far_twin(tiny_root):
    """The twin of the tiny data set, somewhere else."""
    far = tiny_root.parent / 'far/away'
    far.parent.mkdir()
    return (tiny_root.parent / 'Tiny_clean').rename(far)


@pytest.mark.parametrize('ann_file', ['tiny_infos_train.json', ''])
def test_beside_the_data_set(tiny_root, monkeypatch, ann_file):
    expected = str(tiny_root.parent / 'Tiny_clean/TSDF/0001.npz')
    assert tsdf_of(tiny_root, ann_file=ann_file) == expected
    monkeypatch.chdir(tiny_root)
    (tiny_root.parent / 'link').symlink_to(tiny_root)
    for root in ('.', '../Tiny/', '../link'):
        assert tsdf_of(root, ann_file=ann_file) == expected


def test_beside_a_link(tiny_root, far_twin):
    shelf = far_twin.parent
    (shelf / 'Set').symlink_to(tiny_root)
    far_twin.rename(shelf / 'Set_clean')
    assert tsdf_of(shelf / 'Set') == str(shelf / 'Set_clean/TSDF/0001.npz')


def test_where_the_annotation_file_says(tiny_root, far_twin):
    record_twin(tiny_root, twin='../far/away')
    out = tiny_root.rename(tiny_root.with_name('S_one0'))
    assert tsdf_of(out) == str(far_twin / 'TSDF/0001.npz')


def test_where_the_user_says(tiny_root, far_twin, monkeypatch):
    # even if there is one at the usual place
    shutil.copytree(far_twin, tiny_root.parent / 'Tiny_clean')
    monkeypatch.chdir(far_twin.parent)
    assert tsdf_of(tiny_root, twin='away') == 'away/TSDF/0001.npz'
    with pytest.raises(InputError, match="twin 'none': no folder 'TSDF' the"):
        tsdf_of(tiny_root, twin='none')


def test_the_official_one(tiny_root, far_twin):
    official = tiny_root.parent / 'NYUCAD'
    far_twin.rename(official)
    assert tsdf_of(tiny_root) == str(official / 'TSDF/0001.npz')
    # of what create_data.py made, a folder of that name is no twin
    (tiny_root / 'nyu_settings.json').write_text('{}')
    with pytest.raises(InputError, match='no clean twin of'):
        tsdf_of(tiny_root)


def test_one_of_other_settings_is_passed_by(tiny_root):
    twin = tiny_root.parent / 'Tiny_clean'
    (tiny_root / 'synth_settings.json').write_text('{"seed": 1, "twin": "x"}')
    record = twin / 'twin_of.json'
    record.write_text('{"data_set": "../Tiny", "settings": {"seed": 1}}')
    assert tsdf_of(tiny_root) == str(twin / 'TSDF/0001.npz')
    record.write_text('{"data_set": "../Tiny", "settings": {"seed": 2}}')
    with pytest.raises(InputError, match='TSDF .of other settings, see twin_'):
        tsdf_of(tiny_root)


def test_none_is_told(tiny_root, far_twin):
    record_twin(tiny_root, twin='../gone')
    parent = tiny_root.parent
    with pytest.raises(InputError) as told:
        tsdf_of(tiny_root)
    for place in ('gone', 'Tiny_clean', 'NYUCAD'):
        assert f'{parent / place}/TSDF' in str(told.value)
    assert "by the data set's 'twin'" in str(told.value)
    assert len(str(told.value).splitlines()) == 1
    # only where it is asked for
    with pytest.raises(InputError, match='no clean twin'):
        find_twin(str(tiny_root))
    tsdf = tsdf_of(tiny_root, data_prefix=dict(PREFIX, tsdf_path='TSDF'))
    assert tsdf == str(tiny_root / 'TSDF/0001.npz')


def test_data_sets_of_different_twins_can_be_joined(tiny_root):
    record_twin(tiny_root, twin='../Tiny_clean')
    data_sets = [
        dict(
            type='NYUSSCDataset',
            data_root=str(tiny_root),
            ann_file=f'tiny_infos_{split}.json',
            data_prefix=dict(PREFIX),
        )
        for split in ('train', 'test')
    ]
    joined = DATASETS.build(dict(type='ConcatDataset', datasets=data_sets))
    assert len(joined) == 7
