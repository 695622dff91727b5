"""The folders that a reader of the pages would have, in small.

In one of them networks are trained: its configs are those of the repository,
on a few tiny frames, for one epoch. In the other data are prepared: frames,
recordings and networks have their real size.
"""

import json
import shutil

import cv2
import numpy as np
import torch
from doc_pages import ROOT
from mmengine.config import Config
from tiny_configs import CONFIGS, TWELFTHS, networks, reduce_sizes

from cleaners.apis.inference import build_network
from cleaners.datasets import nyu
from cleaners.experiments.training_options import schedule_options
from cleaners.geometry.voxel_grid import downsample_labels
from cleaners.testing import write_tiny_dataset

CAMERA = '518.8579,518.8579,320,240'
_LINKED = ('demo', 'docs', 'projects', 'tools')
_DATA_ROOTS = ('NYU', 'NYUCAD', 'SynthRooms')
# enough that each of five folds has one
_NUM_TRAIN, _NUM_TEST = 16, 3
# folders and their frames; a batch of training has two
_RECORDED = (('rec', '17'), ('train', '18'), ('train', '19'), ('test', '20'))
_SMALL_MIT = dict(embed_dims=8, num_layers=[1, 2, 1, 1], in_channels=[8, 16, 40, 64])


def write_training_folder(folder):
    """Make the folder in which networks are trained."""
    _link(folder)
    (folder / 'configs').mkdir()
    for path in CONFIGS:
        _small(path).dump(str(folder / 'configs' / path.name))
    for name in _DATA_ROOTS:
        root = folder / 'data' / name
        write_tiny_dataset(root, _NUM_TRAIN, _NUM_TEST, sizes=TWELFTHS)
        shutil.rmtree(root / 'Pred2D')  # a page predicts it


def write_preparing_folder(folder, room, write_release):
    """Make the folder in which data are prepared."""
    _link(folder)
    (folder / 'configs').symlink_to(ROOT / 'configs')
    for name, made in (('photo.jpg', 'room.jpg'), ('depth.png', 'room_depth.png')):
        (folder / name).symlink_to(ROOT / 'demo/room' / made)
    for split, number in (('train', 1), ('test', 3)):
        for kind in ('NYU', 'NYUCAD'):
            write_release(folder / 'RAW' / f'{kind}{split}', [f'NYU000{number}'])
    _write_recordings(folder, room)
    network = Config.fromfile(ROOT / 'configs/cleaners_b2_baseline.py').model
    state_dict = build_network(network).state_dict()
    torch.save(dict(state_dict=state_dict, meta={}), folder / 'CHECKPOINT')


def _link(folder):
    folder.mkdir(parents=True)
    for name in _LINKED:
        (folder / name).symlink_to(ROOT / name)


def _small(path):
    """A config of the repository: its parts, on tiny frames, for an epoch."""
    cfg = Config.fromfile(path)
    if path.stem.startswith('pretrain2d'):
        nets = [cfg.model]
        cfg.model.head_2d.img_size = TWELFTHS.img_size
        cfg.model.data_preprocessor.size = TWELFTHS.img_size
        _reduce_photos(cfg.train_dataloader.dataset.pipeline)
    else:
        nets = networks(cfg)
        reduce_sizes(cfg, TWELFTHS)
    for net in nets:
        _slim(net)
    for split in ('train', 'val', 'test'):
        loader = cfg[f'{split}_dataloader']
        loader.update(num_workers=0, persistent_workers=False)
        members = loader.dataset.split
        loader.dataset.ann_file = f'tiny_infos_{members}.json'
        if 'label2d_path' in loader.dataset.data_prefix:
            loader.dataset.data_prefix.img_path = f'{members}set/RGB'
    cfg.merge_from_dict(schedule_options(cfg, 1))
    cfg.train_cfg.val_interval = 1
    cfg.visualizer.vis_backends = [dict(type='LocalVisBackend')]
    return cfg


def _reduce_photos(pipeline):
    for transform in pipeline:
        if transform.type == 'RandomApply':
            transform.transforms[0].scale = TWELFTHS.img_size[::-1]
        if transform.type == 'mmseg.RandomCrop':
            transform.crop_size = TWELFTHS.img_size


def _slim(net):
    """Narrow what is wide; nothing is downloaded."""
    backbone = net.get('backbone')
    if 'Pretrained' in str(backbone):
        backbone.init_cfg = None
    if backbone and backbone.type == 'SegFormerMiT':
        small = dict(_SMALL_MIT)
        net.head_2d.in_channels = small.pop('in_channels')
        backbone.update(small)
    if net.get('channels', 0) > 32:
        net.channels = 16


def _write_recordings(folder, room):
    """Frames with poses and labels, as another camera's program has them."""
    labels = downsample_labels(
        room.labels, nyu.BLOCK, nyu.NUM_CLASSES, nyu.IGNORE_INDEX
    )
    for recording, name in _RECORDED:
        rec = folder / recording
        for part in ('color', 'depth', 'pose', 'labels'):
            (rec / part).mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(rec / f'color/{name}.png'), room.rgb[..., ::-1])
        cv2.imwrite(str(rec / f'depth/{name}.png'), room.depth_mm)
        np.savetxt(rec / f'pose/{name}.txt', room.view.cam2world)
        np.save(rec / f'labels/{name}.npy', labels)
    fx, fy, cx, cy = map(float, CAMERA.split(','))
    camera = dict(width=640, height=480, fx=fx, fy=fy, cx=cx, cy=cy)
    (folder / 'rec/camera.json').write_text(json.dumps(camera))
    (folder / 'classes.txt').write_text('\n'.join(nyu.CLASSES))


def write_clones(folder, rooms):
    """Lay out rooms as the two public repositories lay out NYU.

    Args:
        folder (Path): Gets ``CVSformer`` and ``refinenet_pytorch``.
        rooms (Path): SynthRooms.
    """
    volumes, photos = folder / 'CVSformer/data', folder / 'refinenet_pytorch/data'
    for part in ('T', 'L', 'Mapping', 'seg_result_label13'):
        (volumes / part).mkdir(parents=True)
    for part in ('nyu_images', 'nyu_labels40'):
        (photos / part).mkdir(parents=True)
    number = 0
    for split in ('train', 'test'):
        names = []
        for photo in sorted(rooms.glob(f'{split}set/RGB/*.png')):
            number += 1
            name, stem = f'{number:04d}', photo.name.removesuffix('_rgb.png')
            names.append(name)
            for theirs, ours in (('T', 'TSDF'), ('L', 'Label'), ('Mapping',) * 2):
                shutil.copy(
                    rooms / ours / f'{stem}.npz', volumes / theirs / f'{name}.npz'
                )
            image = cv2.imread(str(photo))[:, ::-1]
            cv2.imwrite(str(photos / f'nyu_images/{number - 1}.jpg'), image)
            labels = image[..., 0] // 20  # 0..12
            cv2.imwrite(str(volumes / f'seg_result_label13/{name}.png'), labels)
            cv2.imwrite(str(photos / f'nyu_labels40/{number - 1}.png'), labels * 3)
        (volumes / f'{split}.txt').write_text('\n'.join(names))
