"""Pictures of prepared frames, whatever a config reads of them."""

import cv2
import numpy as np
import pytest
from mmengine.config import Config
from mmengine.registry import init_default_scope

import cleaners.register_modules  # noqa: F401
from cleaners.analysis.browse import browse_dataset
from cleaners.datasets.open_folder import open_folder
from cleaners.structures import FrameSizes
from cleaners.testing import write_tiny_dataset
from cleaners.testing.tiny import GRID_SIZE
from cleaners.utils.errors import InputError
from cleaners.visualization.prepared_frame import coloured_volumes

SIZES = FrameSizes(GRID_SIZE, (240, 320), 12)


@pytest.fixture
def root(tmp_path):
    init_default_scope('mmdet3d')
    write_tiny_dataset(tmp_path / 'Tiny', 4, 2, sizes=SIZES)
    # whole numbers may be stored as any type
    for folder in ('Label', 'Mapping'):
        path = tmp_path / 'Tiny' / folder / '0005.npz'
        np.savez_compressed(path, np.load(path)['arr_0'].astype(np.float32))
    return tmp_path / 'Tiny'


def config_for(root, name, path, **changes):
    """A config of the repository on the tiny frames."""
    cfg = Config.fromfile(f'configs/{name}.py')
    for split in ('train', 'test'):
        cfg[f'{split}_dataloader'].dataset.update(
            data_root=str(root), ann_file=f'tiny_infos_{split}.json', **changes
        )
    cfg.dump(path)
    return str(path)


def drawn(folder):
    return {path.stem: cv2.imread(str(path)) for path in folder.glob('*.png')}


def test_labels_that_do_not_count_are_grey(root):
    info = open_folder(str(root), 'test').get_data_info(0)
    palette = [[20 * i, 30, 40] for i in range(12)]
    (_, label), (_, counted) = coloured_volumes(info, palette)[1:]
    with np.load(info['tsdf_path']) as volumes:
        counts = volumes['arr_1'].reshape(GRID_SIZE) > 0
    assert 0 < counts.sum() < counts.size
    np.testing.assert_array_equal(counted[counts], label[counts])
    (grey,) = np.unique(counted[~counts], axis=0)
    assert len(set(grey)) == 1


@pytest.mark.parametrize(
    'name', ['cleaners_depth-d32', 'cleaners_seg2d-d32', 'cleaners_efflite0-d32']
)
def test_every_kind_of_network(root, tmp_path, monkeypatch, repo_root, name):
    monkeypatch.chdir(repo_root)
    config = config_for(root, name, tmp_path / 'config.py')
    browse_dataset(config, 'test', tmp_path / 'out', 10)
    pictures = drawn(tmp_path / 'out')
    assert sorted(pictures) == ['TNY0005', 'TNY0006']
    assert all(picture.std() > 20 for picture in pictures.values())


def test_a_config_shows_its_own_frames(root, tmp_path, monkeypatch, repo_root):
    monkeypatch.chdir(repo_root)
    rest, held_out = (
        config_for(
            root,
            'cleaners_depth-d32_baseline',
            tmp_path / f'{part}.py',
            filter_cfg=dict(part=part, share=0.5),
        )
        for part in ('rest', 'held_out')
    )
    browse_dataset(rest, 'train', tmp_path / 'rest', 10)
    browse_dataset(held_out, 'train', tmp_path / 'held_out', 10)
    first, second = (set(drawn(tmp_path / n)) for n in ('rest', 'held_out'))
    assert first and second and not first & second
    assert first | second == {f'TNY{number:04d}' for number in range(1, 5)}


def test_a_broken_volume_is_named(root, tmp_path):
    np.savez(root / 'TSDF/0005.npz', np.zeros(7, np.float32), np.zeros(7, np.uint8))
    with pytest.raises(InputError, match=r'0005\.npz'):
        browse_dataset(str(root), 'test', tmp_path / 'out', 10)
    with pytest.raises(InputError, match='no such config or folder'):
        browse_dataset(str(root / 'none.py'), 'test', tmp_path / 'out', 10)
