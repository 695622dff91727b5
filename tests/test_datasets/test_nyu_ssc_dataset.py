import json
import os.path as osp
from pathlib import Path

import pytest
from folder_data import PREFIX, build

from cleaners.utils.errors import InputError


def test_annotation_file(tiny_root):
    dataset = build(tiny_root, ann_file='tiny_infos_train.json')
    assert len(dataset) == 4
    info = dataset.get_data_info(2)
    assert info['sample_idx'] == 'TNY0003'
    assert info['img_path'] == str(tiny_root / 'trainset/RGB/TNY0003_rgb.png')
    assert info['tsdf_path'] == str(tiny_root / 'TSDF/0003.npz')
    assert 'tsdf_cad_path' not in info  # not asked for


def test_the_prefix_decides_which_tsdf_is_read(tiny_root):
    prefix = dict(PREFIX, tsdf_path='{twin}/TSDF')
    info = build(tiny_root, data_prefix=prefix).get_data_info(0)
    assert info['tsdf_path'] == str(tiny_root.parent / 'Tiny_clean/TSDF/0001.npz')
    assert osp.isfile(info['tsdf_path'])


@pytest.mark.parametrize('layout', ['trainset/RGB', 'train/RGB', 'flat'])
def test_scan_finds_the_layouts_in_use(tiny_root, layout):
    listed = build(tiny_root, ann_file='tiny_infos_train.json')
    expected = [listed.get_data_info(i)['sample_idx'] for i in range(4)]
    if layout == 'train/RGB':
        (tiny_root / 'trainset').rename(tiny_root / 'train')
    elif layout == 'flat':
        (tiny_root / 'RGB').mkdir()
        for split in ('train', 'test'):
            folder = tiny_root / f'{split}set'
            lines = []
            for photo in (folder / 'RGB').iterdir():
                name = photo.name.replace('_rgb', '_colors')
                photo.rename(tiny_root / 'RGB' / name)
                lines.append(f'RGB/{name}\tLabel/{name[3:7]}.npz\n')
            (folder / 'RGB').rmdir()
            folder.rmdir()
            (tiny_root / f'{split}.txt').write_text(''.join(lines))
    dataset = build(tiny_root)
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    assert [info['sample_idx'] for info in infos] == expected
    for info in infos:
        assert all(osp.isfile(info[key]) for key in PREFIX)
    assert len(build(tiny_root, split='test')) == 3


def test_a_frame_has_one_photo_and_four_digits(tiny_root):
    folder = tiny_root / 'trainset/RGB'
    # it was read as frame 0001
    (folder / 'NYU00015_rgb.png').touch()
    assert len(build(tiny_root)) == 4
    (folder / 'NYU0001_colors.png').touch()
    with pytest.raises(InputError, match='two photos of frame 0001, NYU0001_colors'):
        build(tiny_root)


def test_missing_things_are_told(tiny_root):
    with pytest.raises(InputError, match="nowhere' not found: prepare it"):
        build(tiny_root / 'nowhere')
    with pytest.raises(InputError, match="split should be 'train' or 'test'"):
        build(tiny_root, split='val')
    with pytest.raises(InputError, match="has no 'normal_path' for frame"):
        build(
            tiny_root,
            ann_file='tiny_infos_train.json',
            data_prefix=dict(PREFIX, normal_path='Normal'),
        )
    for split in ('train', 'test'):
        (tiny_root / f'{split}set').rename(tiny_root / f'old_{split}')
    with pytest.raises(InputError, match='no frames in.*trainset/RGB'):
        build(tiny_root)
    (tiny_root / 'RGB').mkdir()
    with pytest.raises(InputError, match=r"train\.txt' not found"):
        (tiny_root / 'RGB/NYU0001_colors.png').touch()
        build(tiny_root)


@pytest.mark.parametrize('content', [b'', b'no image'])
def test_a_broken_photo_is_named(tiny_root, content):
    """Mmcv's messages name none, or are OpenCV's assertions."""
    dataset = build(tiny_root, pipeline=[dict(type='LoadImageFromFile')])
    Path(dataset.get_data_info(1)['img_path']).write_bytes(content)
    with pytest.raises(InputError, match=r'0002_rgb\.png: not a readable PNG or JPEG'):
        dataset[1]
    assert dataset[0]['img'].ndim == 3


def test_an_error_that_is_not_the_photos_is_left_alone(tiny_root):
    def fail(results):
        raise AssertionError('of my own')

    dataset = build(tiny_root, pipeline=[fail])
    with pytest.raises(AssertionError, match='of my own'):
        dataset[0]


class TestUnfinished:
    """What create_data.py made is never scanned: it may be half done."""

    @pytest.mark.parametrize('mark', ['nyu_settings.json', 'Frames'])
    @pytest.mark.parametrize('ann_file', ['', 'nyu_infos_train.json'])
    def test_no_annotation_file(self, tiny_root, mark, ann_file):
        for path in tiny_root.glob('tiny_infos_*.json'):
            path.unlink()
        assert len(build(tiny_root, ann_file=ann_file)) == 4
        (tiny_root / mark).mkdir()
        with pytest.raises(InputError) as told:
            build(tiny_root, ann_file=ann_file)
        for part in (
            ann_file,
            'run its command of tools/create_data.py again',
            f'create_data.py merge {tiny_root}',
        ):
            assert part in str(told.value)

    def test_another_annotation_file(self, tiny_root):
        there = 'there are tiny_infos_test.json, tiny_infos_train.json'
        for _ in range(2):
            with pytest.raises(
                InputError, match=f"tiny_infos_trian.json' not .*{there}"
            ):
                build(tiny_root, ann_file='tiny_infos_trian.json')
            (tiny_root / 'synth_settings.json').write_text('{}')
        with pytest.raises(InputError, match=f'set ann_file; {there}'):
            build(tiny_root)


@pytest.mark.parametrize(
    'content,message',
    [
        ('[]', 'should hold a JSON object, but holds a list'),
        ('{"metainfo": {}, "data_list": []}', 'lists no frame'),
        ('{"data_list": [{}]}', "should hold 'metainfo'"),
        ('{"metainfo": {}, "data_list": {"a": 1}}', "should hold 'metainfo'"),
        ('{"metainfo": {}, "data_list": ["a"]}', "should hold 'metainfo'"),
        ('{"metainfo"', 'is not a JSON file'),
    ],
)
def test_bad_annotation_files(tiny_root, content, message):
    (tiny_root / 'bad.json').write_text(content)
    with pytest.raises(InputError, match=f"bad.json' {message}"):
        build(tiny_root, ann_file='bad.json')


@pytest.mark.parametrize('name', [None, 17])
def test_a_frame_without_a_name(tiny_root, name):
    infos = json.loads((tiny_root / 'tiny_infos_train.json').read_text())
    infos['data_list'][1]['sample_idx'] = name
    (tiny_root / 'bad.json').write_text(json.dumps(infos))
    with pytest.raises(InputError, match="bad.json': a frame has no 'sample_idx', its"):
        build(tiny_root, ann_file='bad.json')


def test_a_frame_without_ground_truth(tiny_root):
    path = tiny_root / 'tiny_infos_train.json'
    content = json.loads(path.read_text())
    for info in content['data_list']:
        info['label_path'] = None
    path.write_text(json.dumps(content))
    pipeline = [
        dict(type='LoadImageFromFile'),
        dict(type='LoadTSDF'),
        dict(type='LoadVoxelMapping'),
        dict(type='LoadVoxelAnnotations'),
        dict(type='PackSSCInputs'),
    ]
    kwargs = dict(ann_file=path.name, pipeline=pipeline)
    sample = build(tiny_root, test_mode=True, **kwargs)[1]['data_samples']
    assert sample.gt_voxel_seg.keys() == ['occluded']
    with pytest.raises(InputError, match='TNY0001 has no ground truth'):
        build(tiny_root, **kwargs)


def test_meta_information():
    from cleaners.datasets.nyu_ssc_dataset import NYUSSCDataset

    meta = NYUSSCDataset.METAINFO
    assert len(meta['classes']) == len(meta['palette']) == 12
    assert meta['classes'][0] == 'empty' and meta['classes'][6] == 'bed'
