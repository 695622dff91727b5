"""Small folders in the form of the two repositories, and what is built."""

import re

import cv2
import numpy as np
import pytest

from cleaners import register_modules  # noqa: F401
from cleaners.data_preparation import release_check
from cleaners.data_preparation.dataset_layout import make_layout
from cleaners.data_preparation.dataset_settings import keep_settings
from cleaners.data_preparation.nyu_public_converter import Clones, convert_nyu_public
from cleaners.data_preparation.release_check import check_release
from cleaners.data_preparation.twin_record import claim_twin
from cleaners.datasets.nyu_ssc_dataset import NYUSSCDataset
from cleaners.datasets.transforms import (
    LoadLabel2D,
    LoadSeg2D,
    LoadTSDF,
    LoadVoxelAnnotations,
    LoadVoxelMapping,
)
from cleaners.utils.errors import InputError

SIZE = 60 * 36 * 60
SPLITS = dict(train=['0001', '0004'], test=['0003'])


def make_volumes(number):
    """The arrays of a frame, in the types of the release."""
    rng = np.random.default_rng(number)
    tsdf = rng.uniform(-1, 1, SIZE).astype(np.float32)
    label = rng.choice(np.array([0, 0, 255, 1, 2, 11], np.int32), SIZE)
    weight = ((label > 0) & (label < 12)) | (tsdf < -0.5)
    mapping = np.full(SIZE, 307200)
    mapping[rng.choice(SIZE, 50, replace=False)] = rng.integers(0, 307200, 50)
    return dict(T=(tsdf, weight.astype(np.float64)), L=(label,), Mapping=(mapping,))


@pytest.fixture
def clones(tmp_path):
    volumes, photos = tmp_path / 'CVS/data', tmp_path / 'refine/data'
    for folder in (
        volumes / 'seg_result_label13',
        photos / 'nyu_images',
        photos / 'nyu_labels40',
    ):
        folder.mkdir(parents=True)
    for split, names in SPLITS.items():
        (volumes / f'{split}.txt').write_text('\n'.join(names))
        for name in names:
            rng = np.random.default_rng(int(name))
            for folder, arrays in make_volumes(int(name)).items():
                (volumes / folder).mkdir(exist_ok=True)
                np.savez_compressed(volumes / folder / f'{name}.npz', *arrays)
            image = cv2.resize(
                rng.integers(0, 14, (12, 16)).astype(np.uint8),
                (640, 480),
                interpolation=cv2.INTER_NEAREST,
            )
            cv2.imwrite(str(volumes / 'seg_result_label13' / f'{name}.png'), image)
            cv2.imwrite(
                str(photos / 'nyu_images' / f'{int(name) - 1}.jpg'),
                cv2.cvtColor(image * 18, cv2.COLOR_GRAY2BGR),
            )
            cv2.imwrite(
                str(photos / 'nyu_labels40' / f'{int(name) - 1}.png'), image * 3
            )
    return Clones(volumes, photos, tmp_path / 'NYU')


def open_split(root, split, **prefix):
    return NYUSSCDataset(
        data_root=str(root),
        split=split,
        data_prefix=dict(
            tsdf_path='TSDF', mapping_path='Mapping', label_path='Label', **prefix
        ),
        pipeline=[],
    )


def test_the_folder_is_that_of_the_release(clones, capsys):
    assert convert_nyu_public(clones)
    assert '3 frames in' in capsys.readouterr().out
    assert check_release(clones.out_dir)
    assert 'with RGB, Seg2D, Label2D: no faults' in capsys.readouterr().out
    for split, names in SPLITS.items():
        data = open_split(
            clones.out_dir,
            split,
            img_path='RGB',
            seg2d_path='Seg2D',
            label2d_path='Label2D',
        )
        assert data.metainfo['profile'] == '3dsketch'
        infos = [data.get_data_info(i) for i in range(len(data))]
        assert [i['sample_idx'] for i in infos] == [f'NYU{n}' for n in names]
    arrays = make_volumes(3)
    info = infos[0]
    for load in (
        LoadTSDF(),
        LoadVoxelMapping(),
        LoadVoxelAnnotations(),
        LoadSeg2D(),
        LoadLabel2D(),
    ):
        info = load(info)
    np.testing.assert_array_equal(info['tsdf'].ravel(), arrays['T'][0])
    np.testing.assert_array_equal(info['label_weight'].ravel(), arrays['T'][1])
    np.testing.assert_array_equal(info['label'].ravel(), arrays['L'][0])
    np.testing.assert_array_equal(
        info['occluded'].ravel(), arrays['Mapping'][0] == 307200
    )
    # photo and labels are turned back, without loss
    there = cv2.imread(str(clones.photos / 'nyu_images/2.jpg'))
    here = cv2.imread(info['img_path'])
    np.testing.assert_array_equal(here, there[:, ::-1])
    there = cv2.imread(str(clones.photos / 'nyu_labels40/2.png'), 0)[:, ::-1]
    expected = np.full(40, 11)
    for target, sources in (
        (1, [21]),
        (2, [1, 19]),
        (3, [0]),
        (4, [8, 12, 15]),
        (5, [4]),
        (6, [3]),
        (7, [5]),
        (8, [6, 13]),
        (9, [24]),
        (10, [2, 9, 11, 14, 16, 31, 32, 33, 35, 38]),
        (255, [39]),
    ):
        expected[sources] = target
    np.testing.assert_array_equal(info['gt_seg_map'], expected[there])
    assert info['seg_fields'] == ['mapping2d', 'seg2d', 'gt_seg_map']


def test_classes_of_the_whole_release_are_counted(clones, monkeypatch, capsys):
    assert convert_nyu_public(clones._replace(photos=None))
    monkeypatch.setattr(release_check, '_NUM_FRAMES', 3)
    assert not check_release(clones.out_dir)
    # half of what was drawn, where 42.6 % should be
    assert re.search(
        r'label 0 has \d+\.\d{3} % of all voxels, where the release has 42.6 %',
        capsys.readouterr().err,
    )


@pytest.mark.slow
def test_the_release_is_what_it_should_be(nyu_3dsketch_dir):
    assert check_release(nyu_3dsketch_dir, workers=2)


def test_without_photos(clones):
    assert convert_nyu_public(clones._replace(photos=None))
    assert not (clones.out_dir / 'RGB').exists()
    assert len(open_split(clones.out_dir, 'train')) == 2
    data = open_split(clones.out_dir, 'test', label2d_path='Label2D')
    with pytest.raises(InputError, match='0003.png: no such label image'):
        LoadLabel2D()(data.get_data_info(0))
    with pytest.raises(InputError, match="has no 'img_path' for frame NYU0003"):
        open_split(clones.out_dir, 'test', img_path='RGB')


def test_a_run_goes_on_where_it_was_cut(clones):
    assert convert_nyu_public(clones)
    before = {
        path: (path.read_bytes(), path.stat().st_mtime_ns)
        for path in clones.out_dir.rglob('*.*')
    }
    gone = [
        clones.out_dir / name
        for name in ('RGB/NYU0004_colors.png', 'TSDF/0001.npz', 'test.txt')
    ]
    for path in gone:
        path.unlink()
    broken = clones.out_dir / 'Label2D/0001.png'
    broken.write_bytes(b'no image')
    gone.append(broken)
    assert convert_nyu_public(clones)
    for path, (content, time) in before.items():
        assert path.read_bytes() == content
        if path not in gone and path.suffix != '.txt':
            assert path.stat().st_mtime_ns == time


def test_a_broken_frame_is_left_out_and_named(clones, capsys):
    tsdf, weight = make_volumes(4)['T']
    weight[7] = 1 - weight[7]
    np.savez(clones.volumes / 'T/0004.npz', tsdf, weight)
    assert not convert_nyu_public(clones)
    assert (
        'frame 0004: 1 label weights are not those of the rule'
        in capsys.readouterr().err
    )
    assert (clones.out_dir / 'train.txt').read_text() == '0001\n'


def test_clones_that_are_none(clones, tmp_path):
    with pytest.raises(InputError, match='T, .*train.txt.*: not found; --vol'):
        convert_nyu_public(Clones(tmp_path, None, clones.out_dir))
    (clones.volumes / 'test.txt').write_text('0001\n0003\n')
    with pytest.raises(InputError, match='frame 0001 is in both lists'):
        convert_nyu_public(clones)
    with pytest.raises(InputError, match='nyu_images, .*nyu_labels40: not'):
        convert_nyu_public(clones._replace(photos=tmp_path))


def spoil(root, folder, *arrays):
    np.savez(root / folder / '0003.npz', *arrays)


@pytest.mark.parametrize(
    'change, message',
    [
        (
            lambda root, v: spoil(root, 'TSDF', v['T'][0] * 2, v['T'][1]),
            'frame 0003: TSDF beyond',
        ),
        (
            lambda root, v: spoil(root, 'Mapping', v['Mapping'][0] + 1),
            'frame 0003: mapping beyond 0..307200',
        ),
        (
            lambda root, v: spoil(root, 'Label', v['L'][0] + 12),
            r'frame 0003: labels beyond 0..11 and 255',
        ),
        (lambda root, v: (root / 'Label/0003.npz').unlink(), '0003.npz'),
        (
            lambda root, v: (root / 'Seg2D/0003.png').unlink(),
            '0003.png: no such label image',
        ),
        (
            lambda root, v: (root / 'train.txt').write_text('0001\n0003\n'),
            'frame 0003 is in both lists',
        ),
        (
            lambda root, v: (root / 'test.txt').unlink(),
            'test.txt: missing, or lists no frame',
        ),
        (
            lambda root, v: (root / 'train.txt').write_text(''),
            'train.txt: missing, or lists no frame',
        ),
    ],
)
def test_verify_finds(clones, capsys, change, message):
    assert convert_nyu_public(clones._replace(photos=None))
    change(clones.out_dir, make_volumes(3))
    capsys.readouterr()
    assert not check_release(clones.out_dir)
    assert message in capsys.readouterr().err


def test_a_list_that_names_more_than_there_is(clones):
    assert convert_nyu_public(clones._replace(photos=None))
    (clones.out_dir / 'train.txt').write_text('0001\n0002\n0004\n0005\n')
    with pytest.raises(
        InputError, match="TSDF/0002.npz' not found: 2 of 4 frames lack this volume"
    ):
        open_split(clones.out_dir, 'train')


def test_a_twin_of_tsdf_cad_is_left_alone(clones):
    """It may lie where the twin of another data set would."""
    assert convert_nyu_public(clones)
    layout = make_layout(clones.out_dir.with_name('Raw'), 'nyu')
    claim_twin(layout.twin, clones.out_dir)
    record = (layout.twin / 'twin_of.json').read_bytes()
    with pytest.raises(ValueError, match=f'is the clean twin of {clones.out_dir}'):
        keep_settings(layout, dict(profile='3dsketch'))
    assert (layout.twin / 'twin_of.json').read_bytes() == record


def test_what_another_command_has_made_is_left_alone(clones):
    """Volumes have the same names in both, and the same folder by default."""
    made = convert_nyu_public(clones)
    before = (clones.out_dir / 'TSDF/0003.npz').read_bytes()
    layout = make_layout(clones.out_dir, 'nyu')
    with pytest.raises(ValueError, match='holds a data set already.*--out-dir'):
        keep_settings(layout, dict(profile='3dsketch'))
    assert made and (clones.out_dir / 'TSDF/0003.npz').read_bytes() == before
    # and the other way round; a second kind of data set, too
    other = make_layout(clones.out_dir.with_name('Raw'), 'nyu')
    keep_settings(other, dict(profile='3dsketch'))
    with pytest.raises(InputError, match='was prepared from raw files; give another'):
        convert_nyu_public(clones._replace(out_dir=other.out_dir))
    with pytest.raises(ValueError, match=r'another data set \(nyu_settings.json\)'):
        keep_settings(make_layout(other.out_dir, 'nyucad'), dict(profile='3dsketch'))
