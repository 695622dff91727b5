import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator

from cleaners.datasets.transforms import PackSSCInputs
from cleaners.evaluation import SSCErrorMetric, SSCMetric
from cleaners.structures import VoxelData
from cleaners.testing import make_ssc_batch
from cleaners.utils.errors import InputError

CLASSES = ('empty', 'wall', 'chair')
# the camera stands 0.5 m in front of the room and looks along world Y
POSE = dict(
    cam2img=np.eye(3),
    cam2world=[[1, 0, 0, 1.0], [0, 0, 1, -0.5], [0, -1, 0, 1.0], [0, 0, 0, 1]],
    voxel_origin=[0.0, 0.0, 0.0],
    voxel_size=1.0,
)


def make_room(**changes):
    """One 2 x 2 x 2 room of 1 m voxels, as the evaluator hands it over."""
    shape = (2, 2, 2)
    pred, label, weight, occluded = torch.tensor(
        [
            [1, 1, 2, 0, 0, 1, 2, 1],
            [1, 1, 1, 0, 2, 255, 2, 0],
            [1, 1, 1, 1, 1, 1, 1, 0],
            [0, 1, 1, 1, 1, 1, 1, 1],
        ]
    ).view(4, *shape)
    sample = dict(
        sample_idx='ROOM',
        pred_voxel_seg=dict(label=pred.to(torch.uint8)),
        gt_voxel_seg=dict(
            label=label, label_weight=weight.bool(), occluded=occluded.bool()
        ),
        **POSE,
    )
    sample.update(changes)
    return sample


def evaluate(*samples, size=None, classes=CLASSES, metric=None):
    """Return the metric, evaluated, and its scores."""
    metric = metric or SSCErrorMetric()
    metric.dataset_meta = dict(classes=classes, ignore_index=255)
    for sample in samples:
        metric.process({}, [sample])
    return metric, metric.evaluate(size=size or len(samples))


def total(section):
    return np.sum([row['confusion'] for row in section['bins']], axis=0)


def test_a_room_counted_by_hand():
    metric, scores = evaluate(make_room())
    report = metric.report
    # voxels 0 to 4 and 6 count
    assert report['overall']['confusion'] == [[1, 0, 0], [0, 2, 1], [1, 0, 1]]
    assert report['confusions'][0]['truth'] == 'wall'
    # only voxel 0 is seen
    assert report['occlusion']['surface']['voxels'] == 1
    assert scores['error/surface_accuracy'] == 100
    assert scores['error/occluded_accuracy'] == pytest.approx(60)
    assert scores['error/occluded_sc_iou'] == pytest.approx(75)
    # the centres are 0.5 m off sideways and upwards; voxels 0, 2, 4 and 6
    # are 1 m in front of the camera, the others 2 m: sqrt(1.5), sqrt(4.5)
    near, far = report['distance']['bins']
    assert (near['from'], near['to'], near['voxels']) == (1, 1.5, 4)
    assert near['confusion'] == [[0, 0, 0], [0, 1, 1], [1, 0, 1]]
    assert (far['from'], far['to'], far['voxels']) == (2, 2.5, 2)
    assert far['confusion'] == [[1, 0, 0], [0, 1, 0], [0, 0, 0]]
    # depths up to sqrt(3) voxels: one bin
    (deep,) = report['depth']['bins']
    assert (deep['from'], deep['to'], deep['voxels']) == (0, 2, 5)


def test_widths_of_the_bins():
    metric, _ = evaluate(
        make_room(), metric=SSCErrorMetric(distance_bin=4, depth_bin=1.2)
    )
    assert len(metric.report['distance']['bins']) == 1
    # 1 voxel away: voxels 1, 2 and 4; further: 3 and 6 (5, 7 do not count)
    assert [row['voxels'] for row in metric.report['depth']['bins']] == [3, 2]
    with pytest.raises(ValueError, match='distance bins should be positive'):
        SSCErrorMetric(distance_bin=0)


def test_scores_are_those_of_ssc_metric():
    """To the last digit, and every table adds up to the same counts."""
    classes = tuple(f'class {i}' for i in range(12))
    _, samples = make_ssc_batch(4, seed=3)
    generator = torch.Generator().manual_seed(0)
    rooms = []
    for index, sample in enumerate(samples):
        truth = sample.gt_voxel_seg
        # right in half of the voxels, so that the scores differ
        guess = torch.randint(0, 12, truth.label.shape, generator=generator)
        right = torch.rand(truth.label.shape, generator=generator) < 0.5
        guess = torch.where(right & (truth.label < 12), truth.label, guess)
        sample.pred_voxel_seg = VoxelData(label=guess.to(torch.uint8))
        pose = np.array(POSE['cam2world'])
        pose[:3, 3] += index
        rooms.append(
            dict(
                sample.to_dict(),
                cam2img=np.eye(3),
                cam2world=pose,
                voxel_origin=[0.1, -0.3, 0.7],
                voxel_size=0.08,
            )
        )
    metric, scores = evaluate(*rooms, classes=classes)
    other = SSCMetric()
    other.dataset_meta = dict(classes=classes, ignore_index=255)
    other.process({}, rooms)
    wanted = other.evaluate(size=4)
    report = metric.report
    assert report['scores'] == wanted and wanted['ssc/mIoU'] > 10
    # with every class there, the means are the same
    assert report['overall']['ssc_miou'] == wanted['ssc/mIoU']
    assert scores['error/occluded_sc_iou'] == wanted['sc/iou']
    confusion = np.array(report['overall']['confusion'])
    regions = [np.array(region['confusion']) for region in report['occlusion'].values()]
    assert len(report['distance']['bins']) > 3
    np.testing.assert_array_equal(total(report['distance']), confusion)
    np.testing.assert_array_equal(sum(regions), confusion)
    np.testing.assert_array_equal(total(report['depth']), regions[1])


def test_frames_without_ground_truth_do_not_count():
    room = make_room()
    unlabelled = make_room(gt_voxel_seg=dict(occluded=room['gt_voxel_seg']['occluded']))
    metric, scores = evaluate(unlabelled, unlabelled)
    assert scores == {} and metric.report is None
    metric, _ = evaluate(unlabelled, room)
    assert metric.report['frames'] == dict(
        scored=1, without_ground_truth=1, without_pose=0, without_surface=0
    )
    assert metric.report['overall']['voxels'] == 6


@pytest.mark.parametrize('key', list(POSE))
def test_frames_without_a_pose_are_left_out_and_counted(key):
    metric, _ = evaluate(make_room(), make_room(**{key: None}))
    report = metric.report
    assert report['frames']['without_pose'] == 1
    assert report['overall']['voxels'] == 12
    assert total(report['distance']).sum() == 6
    unposed = make_room()
    del unposed[key]
    metric, _ = evaluate(unposed)
    assert metric.report['distance']['bins'] == []
    assert total(metric.report['depth']).sum() == 5


@pytest.mark.parametrize(
    'bad, message',
    [
        (dict(cam2world=np.eye(3)), 'cam2world should be finite numbers of shape'),
        (dict(voxel_origin=[0, np.nan, 0]), 'voxel_origin should be finite'),
        (dict(voxel_size='wide'), 'could not convert'),
    ],
)
def test_a_damaged_pose_is_refused(bad, message):
    with pytest.raises(InputError, match=f'frame ROOM: .*{message}'):
        evaluate(make_room(**bad))


def test_a_frame_in_which_nothing_is_seen():
    truth = dict(make_room()['gt_voxel_seg'])
    truth['occluded'] = torch.ones_like(truth['occluded'])
    metric, scores = evaluate(make_room(gt_voxel_seg=truth))
    assert metric.report['frames']['without_surface'] == 1
    assert metric.report['depth']['bins'] == []
    assert 'error/surface_accuracy' not in scores
    assert scores['error/occluded_accuracy'] == pytest.approx(400 / 6)


def test_each_frame_leaves_one_row():
    """So that a sampler's padded duplicates are dropped."""
    metric = SSCErrorMetric()
    metric.dataset_meta = dict(classes=CLASSES, ignore_index=255)
    metric.process({}, [make_room(), make_room()])
    assert len(metric.results) == 2
    metric.evaluate(size=1)
    alone, _ = evaluate(make_room())
    assert metric.report == alone.report


def test_the_pose_arrives_from_the_pipeline():
    """Packed, through the evaluator: the bins are those of the room."""
    room = make_room()
    truth = {key: value.numpy() for key, value in room['gt_voxel_seg'].items()}
    packed = PackSSCInputs().transform(
        dict(
            img=np.zeros((4, 6, 3), np.uint8),
            mapping2d=np.full((4, 6), -1),
            sample_idx='ROOM',
            **truth,
            **POSE,
        )
    )
    sample = packed['data_samples']
    sample.pred_voxel_seg = VoxelData(**room['pred_voxel_seg'])
    evaluator = Evaluator([SSCErrorMetric()])
    evaluator.dataset_meta = dict(classes=CLASSES, ignore_index=255)
    evaluator.process([sample])
    evaluator.evaluate(1)
    by_hand, _ = evaluate(room)
    assert evaluator.metrics[0].report == by_hand.report
