import re

import cv2
import numpy as np
import pytest
import torch
from mmdet3d.registry import HOOKS, MODELS
from mmengine.config import Config
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch.utils.data import Dataset

from cleaners.engine.hooks.ssc_visualization_hook import SSCVisualizationHook
from cleaners.fileio.depth_file import encode_depth
from cleaners.structures import SSCDataSample, VoxelData
from cleaners.utils.errors import InputError
from cleaners.visualization.ssc_local_visualizer import SSCLocalVisualizer
from cleaners.visualization.voxel_export import write_voxel_ply

PALETTE = [[20, 190, 200], [210, 40, 40], [40, 160, 0], [90, 100, 230]]
PHOTO = np.full((48, 64, 3), (60, 10, 250), dtype=np.uint8)
ORIGIN, VOXEL_SIZE = (1.0, 2.0, -0.05), 0.1
NUM_FRAMES = 5


def gt_label():
    label = torch.zeros((6, 4, 6), dtype=torch.long)
    label[:, 0], label[0, 1:3] = 2, 3
    return label


class Frames(Dataset):
    """Five frames; the last one has neither photo nor ground truth."""

    metainfo = dict(classes=('empty', 'ceiling', 'floor', 'wall'), palette=PALETTE)

    more_meta = {}

    def __init__(self, img_path):
        self.img_path = img_path

    def __len__(self):
        return NUM_FRAMES

    def __getitem__(self, index):
        data_sample = SSCDataSample(
            metainfo=dict(
                sample_idx=f'scene/{index}',
                voxel_origin=ORIGIN,
                voxel_size=VOXEL_SIZE,
            )
            | self.more_meta
        )
        if index < NUM_FRAMES - 1:
            data_sample.set_metainfo(dict(img_path=self.img_path))
            data_sample.gt_voxel_seg = VoxelData(
                label=gt_label(), label_weight=torch.ones((6, 4, 6), dtype=torch.bool)
            )
            data_sample.gt_voxel_seg.label_weight[5] = False
        return dict(inputs=torch.zeros(1), data_samples=data_sample)


class FloorModel(BaseModel):
    """Predicts a floor everywhere."""

    def forward(self, inputs, data_samples, mode):
        for data_sample in data_samples:
            label = torch.zeros((6, 4, 6), dtype=torch.uint8)
            label[:, 0] = 2
            data_sample.pred_voxel_seg = VoxelData(label=label)
        return data_samples


@pytest.fixture
def make_runner(tmp_path, request):
    img_path = str(tmp_path / 'photo.png')
    cv2.imwrite(img_path, PHOTO)

    def make(hook, visualizer=None):
        loader = dict(
            batch_size=2,
            num_workers=0,
            dataset=Frames(img_path),
            sampler=dict(type='DefaultSampler', shuffle=False),
            collate_fn=dict(type='pseudo_collate'),
        )
        return Runner(
            model=FloorModel(),
            work_dir=str(tmp_path / 'work'),
            test_dataloader=loader,
            test_cfg=dict(),
            test_evaluator=[],
            val_dataloader=loader,
            val_cfg=dict(),
            val_evaluator=[],
            custom_hooks=[hook],
            visualizer=visualizer
            or SSCLocalVisualizer(name=request.node.name, panel_size=(48, 64)),
            default_scope='mmdet3d',
            experiment_name=request.node.name,
        )

    return make


def frames(folder):
    """Numbers of the frames that have a picture."""
    return sorted(int(path.stem[-1]) for path in folder.glob('scene_?.png'))


def rename(runner, number, name):
    """Give one of the frames another name."""

    def renamed(self, index):
        sample = Frames.__getitem__(self, index)
        if index == number:
            sample['data_samples'].set_metainfo(dict(sample_idx=name))
        return sample

    frames = runner.test_dataloader.dataset
    frames.__class__ = type('Renamed', (Frames,), dict(__getitem__=renamed))


class TestSSCVisualizationHook:
    def test_writes_every_frame(self, tmp_path, make_runner):
        hook = HOOKS.build(dict(type='SSCVisualizationHook', draw=True))
        make_runner(hook).test()
        names = {path.name for path in (tmp_path / 'work' / 'vis').iterdir()}
        expected = {f'scene_{i}.png' for i in range(NUM_FRAMES)}
        expected |= {f'scene_{i}_pred.ply' for i in range(NUM_FRAMES)}
        expected |= {f'scene_{i}_gt.ply' for i in range(NUM_FRAMES - 1)}
        assert names == expected

    def test_content(self, tmp_path, make_runner):
        out_dir = tmp_path / 'elsewhere'
        hook = SSCVisualizationHook(draw=True, out_dir=str(out_dir))
        make_runner(hook).test()
        picture = cv2.imread(str(out_dir / 'scene_0.png'))
        np.testing.assert_array_equal(picture[44:92, 20:84], PHOTO)

        label = gt_label().numpy()
        label[5] = 255
        write_voxel_ply(tmp_path / 'a.ply', label, PALETTE, VOXEL_SIZE, ORIGIN)
        assert (out_dir / 'scene_0_gt.ply').read_bytes() == (
            tmp_path / 'a.ply'
        ).read_bytes()
        # where there is no ground truth, the whole prediction is written
        label = np.zeros((6, 4, 6), dtype=np.uint8)
        label[:, 0] = 2
        write_voxel_ply(tmp_path / 'a.ply', label, PALETTE, VOXEL_SIZE, ORIGIN)
        assert (out_dir / 'scene_4_pred.ply').read_bytes() == (
            tmp_path / 'a.ply'
        ).read_bytes()
        assert (out_dir / 'scene_0_pred.ply').read_bytes() != (
            tmp_path / 'a.ply'
        ).read_bytes()

    def test_pages_and_an_index_with_the_worst_first(self, tmp_path, make_runner):
        hook = SSCVisualizationHook(draw=True, html=True)
        runner = make_runner(hook)
        frames = runner.test_dataloader.dataset
        get = frames.__class__.__getitem__

        def with_one_worse(self, index):
            sample = get(self, index)
            if index == 2:  # the floor is furniture to the truth
                sample['data_samples'].gt_voxel_seg.label[:, 0] = 1
            return sample

        frames.__class__ = type('Worse', (Frames,), dict(__getitem__=with_one_worse))
        runner.test()
        folder = tmp_path / 'work' / 'vis'
        index = (folder / 'index.html').read_text()
        order = re.findall('href="scene_([0-9]).html"', index)
        # the last frame has no ground truth
        assert order == ['2', '0', '1', '3', '4']
        # floor: 30 of 30 found; wall: none of 12
        numbers = re.findall('data-key="([0-9.]+|Infinity)"', index)
        assert numbers[2:4] == [str(100 * 30 / 42), str(100 / 2)]
        assert numbers[-2:] == ['Infinity', 'Infinity']
        for number in range(NUM_FRAMES):
            assert (folder / f'scene_{number}.html').stat().st_size < 50_000
        assert (folder / 'scene_viewer.js').is_file()

    def test_a_frame_does_not_overwrite_the_index(self, make_runner):
        hook = SSCVisualizationHook(draw=True, html=True)
        runner = make_runner(hook)
        runner.test_dataloader.dataset.more_meta = dict(sample_idx='index')
        with pytest.raises(InputError, match="frame 'index': give its files another"):
            runner.test()

    def test_a_frame_that_comes_twice_is_listed_once(self, tmp_path, make_runner):
        """As one that fills up the last batch of a distributed test."""
        runner = make_runner(SSCVisualizationHook(draw=True, html=True))
        frames = runner.test_dataloader.dataset
        frames.more_meta = dict(sample_idx='again')
        with_photo = dict(__len__=lambda _: NUM_FRAMES - 1)
        frames.__class__ = type('Same', (Frames,), with_photo)
        runner.test()
        index = (tmp_path / 'work/vis/index.html').read_text()
        assert index.count('href="again.html"') == 1

    def test_two_frames_do_not_share_files(self, make_runner):
        runner = make_runner(SSCVisualizationHook(draw=True))
        rename(runner, 3, 'scene_1')
        with pytest.raises(InputError, match="'scene/1' and 'scene_1' would have"):
            runner.test()

    def test_a_name_of_two_data_sets_is_refused(self, make_runner):
        """As in a ConcatDataset of NYU and NYUCAD."""
        runner = make_runner(SSCVisualizationHook(draw=True))
        rename(runner, 4, 'scene/1')  # it has no photo
        with pytest.raises(InputError, match="'scene/1' and 'scene/1' of 'None' would"):
            runner.test()

    def test_what_the_sensor_saw_free_is_not_drawn(self, tmp_path, make_runner):
        # 3 m to a wall; the right half is not measured, so that nothing is
        # known there; the floor of the 0.1 m voxels lies 1 m ahead
        depth = np.full((48, 64), 3000, dtype=np.uint16)
        depth[:, 32:] = 0
        cv2.imwrite(str(tmp_path / 'depth.png'), encode_depth(depth))
        out_dir = tmp_path / 'shown'
        hook = SSCVisualizationHook(draw=True, out_dir=str(out_dir))
        runner = make_runner(hook)
        runner.test_dataloader.dataset.more_meta = dict(
            depth_path=str(tmp_path / 'depth.png'),
            cam2img=[[60, 0, 32], [0, 60, 24], [0, 0, 1]],
            cam2world=[[1, 0, 0, 1.3], [0, 0, 1, 1], [0, -1, 0, 0], [0, 0, 0, 1]],
        )
        runner.test()
        label = np.zeros((6, 4, 6), dtype=np.uint8)
        label[3:, 0] = 2
        write_voxel_ply(tmp_path / 'a.ply', label, PALETTE, VOXEL_SIZE, ORIGIN)
        assert (out_dir / 'scene_4_pred.ply').read_bytes() == (
            tmp_path / 'a.ply'
        ).read_bytes()

    @pytest.mark.parametrize(
        'kwargs, expected',
        [
            (dict(max_samples=3), [0, 1, 2]),
            (dict(max_samples=0), []),
            (dict(interval=2), [0, 1, 4]),
            (dict(interval=2, max_samples=1), [0]),
            (dict(draw=False), []),
        ],
    )
    def test_choice_of_frames(self, tmp_path, make_runner, kwargs, expected):
        hook = SSCVisualizationHook(**dict(dict(draw=True), **kwargs))
        make_runner(hook).test()
        assert frames(tmp_path / 'work' / 'vis') == expected

    def test_every_validation_counts_anew(self, tmp_path, make_runner):
        runner = make_runner(SSCVisualizationHook(draw=True, max_samples=2))
        folder = tmp_path / 'work' / 'vis'
        for _ in range(2):
            runner.val()
            assert frames(folder) == [0, 1]
            for path in folder.iterdir():
                path.unlink()

    def test_pictures_of_a_validation_go_to_the_backends(self, tmp_path, make_runner):
        """By the iteration; those of a test are files alone."""
        visualizer = SSCLocalVisualizer(
            name='backends',
            panel_size=(48, 64),
            vis_backends=[dict(type='LocalVisBackend')],
            save_dir=str(tmp_path),
        )
        hook = SSCVisualizationHook(draw=True, max_samples=1)
        runner = make_runner(hook, visualizer)
        runner.test()
        assert not list(tmp_path.glob('vis_image/*'))
        runner.val()
        (logged,) = tmp_path.rglob('vis_image/*.png')
        assert logged.name == 'scene_0_0.png'
        drawn = cv2.imread(str(tmp_path / 'work/vis/scene_0.png'))
        np.testing.assert_array_equal(cv2.imread(str(logged)), drawn)

    def test_refuses_another_visualizer(self, make_runner):
        runner = make_runner(SSCVisualizationHook(draw=True), dict(type='Visualizer'))
        with pytest.raises(InputError, match='SSCLocalVisualizer.*Visualizer'):
            runner.test()

    def test_refuses_a_2d_part(self, repo_root, make_runner):
        cfg = Config.fromfile(repo_root / 'configs/pretrain2d_efflite0-d32.py').model
        cfg.backbone.init_cfg = None
        runner = make_runner(SSCVisualizationHook(draw=True))
        runner.model = MODELS.build(cfg)
        with pytest.raises(InputError, match='2D part of a network alone; leave'):
            runner.test()

    @pytest.mark.parametrize(
        'kwargs, message',
        [
            (dict(interval=0), 'interval should be positive, but got 0'),
            (dict(max_samples=-1), 'max_samples should be .* but got -1'),
        ],
    )
    def test_refuses_arguments(self, kwargs, message):
        with pytest.raises(ValueError, match=message):
            SSCVisualizationHook(draw=True, **kwargs)
