"""Data sets of a folder, as a config builds them."""

from mmdet3d.registry import DATASETS

PREFIX = dict(
    img_path='trainset/RGB',
    tsdf_path='TSDF',
    mapping_path='Mapping',
    label_path='Label',
)


def build(root, **kwargs):
    kwargs.setdefault('data_prefix', dict(PREFIX))
    return DATASETS.build(dict(type='NYUSSCDataset', data_root=str(root), **kwargs))
