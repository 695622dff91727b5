import json
import re

import pytest
from folder_data import build

from cleaners.datasets.held_out import fold_of, is_held_out
from cleaners.utils.errors import InputError

NAMES = [f'NYU{number:04d}' for number in range(1, 1450)]


def test_parts_share_nothing_and_make_the_whole(tiny_root):

    def frames(**kwargs):
        dataset = build(tiny_root, ann_file='tiny_infos_train.json', **kwargs)
        return [dataset[i]['sample_idx'] for i in range(len(dataset))]

    parts = [
        frames(filter_cfg=dict(part=part, share=0.5), pipeline=[])
        for part in ('rest', 'held_out')
    ]
    assert all(parts) and sorted(sum(parts, [])) == frames(pipeline=[])


def test_the_share_is_kept_and_a_larger_one_holds_the_smaller():
    tenth, half = (
        [name for name in NAMES if is_held_out(name, share)] for share in (0.1, 0.5)
    )
    assert 0.08 < len(tenth) / len(NAMES) < 0.12
    assert 0.46 < len(half) / len(NAMES) < 0.54
    assert set(tenth) < set(half)
    # the split that the settings of the experiment were chosen with
    assert tenth[:3] == ['NYU0018', 'NYU0036', 'NYU0047']


def test_folds_share_nothing_and_make_the_whole():
    """The first is what is held out without a fold."""
    for count in (3, 5, 10):
        folds = [
            [name for name in NAMES if is_held_out(name, 1 / count, fold)]
            for fold in range(count)
        ]
        assert folds[0] == [name for name in NAMES if is_held_out(name, 1 / count)]
        assert sorted(sum(folds, [])) == NAMES
        assert all(0.8 < len(fold) * count / len(NAMES) < 1.2 for fold in folds)
        for fold, names in enumerate(folds):
            assert {fold_of(name, 1 / count) for name in names} == {fold}


def test_a_fold_that_is_none_is_refused(tiny_root):
    with pytest.raises(InputError, match="'share': 0.5, 'fold': 2"):
        build(
            tiny_root,
            ann_file='tiny_infos_train.json',
            filter_cfg=dict(part='rest', share=0.5, fold=2),
        )


@pytest.mark.parametrize(
    'given',
    [
        dict(part='rest'),
        dict(part='rest', share='0.1'),
        dict(part='rest', share=0.1, of=3),
    ],
)
def test_what_is_no_filter_is_refused(tiny_root, given):
    with pytest.raises(InputError, match=re.escape(f'but got {given}')):
        build(tiny_root, ann_file='tiny_infos_train.json', filter_cfg=given)


@pytest.mark.parametrize('part, share', [('test', 0.1), ('rest', 0), ('held_out', 1.2)])
def test_a_part_that_makes_no_sense_is_refused(tiny_root, part, share):
    given = dict(part=part, share=share)
    with pytest.raises(InputError, match=re.escape(f'but got {given}')):
        build(tiny_root, ann_file='tiny_infos_train.json', filter_cfg=given)


def test_a_part_without_frames_is_refused(tiny_root):
    given = dict(part='held_out', share=1e-9)
    with pytest.raises(InputError, match="of 4 frames none is in the part 'held_out'"):
        build(tiny_root, ann_file='tiny_infos_train.json', filter_cfg=given)


def test_poses_of_another_file(tiny_root):
    pose = dict(cam2world=[[1.0]], cam2img=[[2.0]], voxel_origin=[3.0], hit_share=1.0)
    path = tiny_root / 'poses.json'
    path.write_text(json.dumps(dict(frames={'TNY0002': pose})))
    dataset = build(tiny_root, poses=str(path))
    infos = [dataset.get_data_info(i) for i in range(2)]
    assert 'cam2world' not in infos[0] and 'hit_share' not in infos[1]
    assert infos[1]['cam2world'] == [[1.0]]
    assert infos[1]['voxel_origin'] == [3.0]


def test_a_frame_that_knows_its_pose_keeps_it(tiny_root):
    path = tiny_root / 'tiny_infos_train.json'
    infos = json.loads(path.read_text())
    own = dict(cam2world=[[5.0]], cam2img=[[6.0]], voxel_origin=[7.0])
    infos['data_list'][1].update(own)
    path.write_text(json.dumps(infos))
    pose = dict(cam2world=[[1.0]], cam2img=[[2.0]], voxel_origin=[3.0])
    names = [info['sample_idx'] for info in infos['data_list']]
    poses = tiny_root / 'poses.json'
    poses.write_text(json.dumps(dict(frames=dict.fromkeys(names, pose))))
    dataset = build(tiny_root, ann_file=path.name, poses=str(poses))
    first, second = (dataset.get_data_info(i) for i in range(2))
    assert {key: first[key] for key in pose} == pose
    assert {key: second[key] for key in own} == own


@pytest.mark.parametrize('content', ['{}', '{"frames": {"A": {}}}', '[]'])
def test_a_file_without_poses_is_refused(tiny_root, content):
    path = tiny_root / 'poses.json'
    path.write_text(content)
    with pytest.raises(InputError, match='poses.json'):
        build(tiny_root, poses=str(path))
