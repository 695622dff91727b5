import numpy as np
import pytest
import torch
from mmdet3d.registry import TRANSFORMS
from mmengine.config import Config

from cleaners.testing.tiny import GRID_SIZE, IMG_SIZE, NUM_CLASSES, make_arrays
from cleaners.utils.errors import InputError


def build(name):
    return TRANSFORMS.build(dict(type=name))


def frame(root, number=1):
    """What the data set says of a frame, and its photo."""
    volume = f'{number:04d}.npz'
    return dict(
        grid_size=list(GRID_SIZE),  # a list, as in an annotation file
        img_size=list(IMG_SIZE),
        num_classes=NUM_CLASSES,
        ignore_index=255,
        img=make_arrays(number)['img'],
        img_path='photo.png',
        tsdf_path=str(root / 'TSDF' / volume),
        mapping_path=str(root / 'Mapping' / volume),
        label_path=str(root / 'Label' / volume),
    )


def test_volumes_are_loaded(tiny_root):
    expected = make_arrays(1)
    results = frame(tiny_root)
    for name in ('LoadTSDF', 'LoadVoxelAnnotations'):
        results = build(name)(results)
    assert results['tsdf'].shape == (1, *GRID_SIZE)
    assert (results['tsdf'].ravel() == expected['tsdf']).all()
    assert (results['label'].ravel() == expected['label']).all()
    assert results['label_weight'].dtype == bool
    assert (results['label_weight'].ravel() == expected['label_weight']).all()
    assert 'tsdf_cad' not in results


def test_the_clean_twin_is_loaded_where_named(tiny_root):
    twin = str(tiny_root.parent / 'Tiny_clean/TSDF/0001.npz')
    results = build('LoadTSDF')(dict(frame(tiny_root), tsdf_cad_path=twin))
    assert (results['tsdf_cad'].ravel() == make_arrays(1)['tsdf_cad']).all()


def test_mapping_and_its_image_are_inverse(tiny_root):
    results = build('LoadVoxelMapping')(frame(tiny_root))
    mapping = make_arrays(1)['mapping']
    image = results['mapping2d']
    assert image.shape == IMG_SIZE and image.dtype == np.int32
    rows, columns = np.nonzero(image >= 0)
    voxels = image[rows, columns]
    assert (mapping[voxels] == rows * IMG_SIZE[1] + columns).all()
    seen = mapping < np.prod(IMG_SIZE)
    assert len(voxels) == seen.sum()
    assert (results['occluded'].ravel() == ~seen).all()
    assert results['seg_fields'] == ['mapping2d']


def test_a_mapping_may_be_of_any_type(tiny_root):
    expected = build('LoadVoxelMapping')(frame(tiny_root))
    for dtype in (np.float64, np.uint64, np.int32):
        write(tiny_root / 'Mapping/0001.npz', make_arrays(1)['mapping'].astype(dtype))
        results = build('LoadVoxelMapping')(frame(tiny_root))
        for key in ('mapping2d', 'occluded'):
            np.testing.assert_array_equal(results[key], expected[key])


def test_a_mapping_without_photo(tiny_root):
    results = frame(tiny_root)
    del results['img'], results['img_path']
    assert build('LoadVoxelMapping')(results)['mapping2d'].shape == IMG_SIZE


def write(path, *arrays):
    np.savez_compressed(path, *arrays)


@pytest.mark.parametrize(
    'spoil, name, match',
    [
        (lambda p: p.unlink(), 'LoadTSDF', 'not found'),
        (
            lambda p: p.write_bytes(p.read_bytes()[:300]),
            'LoadTSDF',
            'not a readable npz',
        ),
        (lambda p: p.write_bytes(b''), 'LoadTSDF', 'not a readable npz'),
        (lambda p: write(p, np.zeros(7)), 'LoadTSDF', r'1536 voxels.*\(7,\)'),
        (lambda p: write(p, np.full(1536, np.nan)), 'LoadTSDF', r'in \[-1, 1\]'),
        (lambda p: write(p, np.full(1536, 3.0)), 'LoadTSDF', r'in \[-1, 1\]'),
        (
            lambda p: write(p, np.zeros(1536)),
            'LoadVoxelAnnotations',
            "no array 'arr_1'",
        ),
    ],
    ids=['missing', 'truncated', 'empty', 'size', 'nan', 'range', 'weight'],
)
def test_bad_tsdf_files_are_told(tiny_root, spoil, name, match):
    spoil(tiny_root / 'TSDF/0001.npz')
    with pytest.raises(InputError, match=r'TSDF/0001\.npz.*' + match):
        build(name)(frame(tiny_root))


def test_bad_labels_and_mappings_are_told(tiny_root):
    write(tiny_root / 'Label/0001.npz', np.full(1536, 12))
    with pytest.raises(InputError, match='unknown class 12'):
        build('LoadVoxelAnnotations')(frame(tiny_root))
    small = dict(img_size=(8, 8), img=np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(
        InputError,
        match=r"Mapping/0001\.npz': mapping should be in 0..64 .*\(8, 8\), but spans "
        r'.*\.\.2048; was it made for another image size\?$',
    ):
        build('LoadVoxelMapping')(dict(frame(tiny_root), **small))
    small.pop('img_size')
    with pytest.raises(
        InputError, match=r"photo\.png' should have \(32, 64\).*\(8, 8\)"
    ):
        build('LoadVoxelMapping')(dict(frame(tiny_root), **small))


def marked_frame(seed=0):
    """A photo whose every pixel carries its own mapping2d value as colour.

    So after any geometric transform the two can be compared.
    """
    rng = np.random.default_rng(seed)
    mapping2d = np.full((480, 640), -1, dtype=np.int32)
    pixels = rng.choice(480 * 640, 20000, replace=False)
    mapping2d.flat[pixels] = rng.permutation(129600)[:20000]
    return dict(
        img=colours(mapping2d),
        mapping2d=mapping2d,
        seg_fields=['mapping2d'],
        img_shape=(480, 640),
    )


def colours(mapping2d):
    value = mapping2d.astype(np.int64) + 1
    return np.stack([value & 255, (value >> 8) & 255, value >> 16], axis=-1).astype(
        np.uint8
    )


@pytest.mark.parametrize('seed', range(4))
@pytest.mark.parametrize(
    'transform',
    [
        dict(type='mmseg.RandomFlip', prob=1.0),
        dict(type='mmseg.RandomCrop', crop_size=(300, 200)),
    ],
    ids=['flip', 'crop'],
)
def test_mapping2d_moves_with_the_image(transform, seed):
    marked = marked_frame(seed)
    before = marked['mapping2d'].copy()
    results = TRANSFORMS.build(transform)(marked)
    assert results['mapping2d'].dtype == np.int32
    assert (colours(results['mapping2d']) == results['img']).all()
    assert (
        results['mapping2d'].shape != before.shape
        or (results['mapping2d'] == before[:, ::-1]).all()
    )


@pytest.mark.parametrize(
    'scale, shape', [((512, 384), (384, 512)), ((768, 576), (576, 768))]
)
def test_mapping2d_is_resized_to_the_nearest_pixel(scale, shape):
    """Bilinear for the image, nearest for the indices: no index is mixed."""
    results = TRANSFORMS.build(
        dict(
            type='RandomResize',
            scale=scale,
            ratio_range=(1.0, 1.0),
            resize_type='mmseg.Resize',
            keep_ratio=True,
        )
    )(marked_frame())
    before = marked_frame()['mapping2d']
    rows = np.floor(np.arange(shape[0]) * 480 / shape[0]).astype(int)
    columns = np.floor(np.arange(shape[1]) * 640 / shape[1]).astype(int)
    assert (results['mapping2d'] == before[np.ix_(rows, columns)]).all()
    assert results['img'].shape == (*shape, 3)


def test_the_training_pipeline_keeps_photo_and_mapping_together(repo_root):
    """All 2D transforms of the config in turn, but for the colours'."""
    cfg = Config.fromfile(repo_root / 'configs/_base_/datasets/nyu-ssc.py')
    kept = [
        TRANSFORMS.build(t)
        for t in cfg.train_pipeline
        if not t.type.startswith('Load')
        and t.type not in ('PackSSCInputs', 'mmseg.PhotoMetricDistortion')
    ]
    assert len(kept) == 3
    sizes, num_whole = set(), 0
    for seed in range(30):
        np.random.seed(seed)
        results = marked_frame()
        for transform in kept:
            results = transform(results)
        height, width = results['mapping2d'].shape
        sizes.add((height, width))
        assert height <= 480 and width <= 640
        assert results['img'].shape[:2] == (height, width)
        if (height, width) == (480, 640) and results.get('scale') is None:
            num_whole += 1
            assert (colours(results['mapping2d']) == results['img']).all()
    assert len(sizes) > 3 and num_whole > 5  # shrunk ones, and the full size


def test_packing(tiny_root):
    results = dict(frame(tiny_root), sample_idx='TNY0001', cam2world=np.eye(4).tolist())
    for name in (
        'LoadTSDF',
        'LoadVoxelMapping',
        'LoadVoxelAnnotations',
        'PackSSCInputs',
    ):
        results = build(name)(results)
    inputs, sample = results['inputs'], results['data_samples']
    assert inputs['img'].shape == (3, *IMG_SIZE)
    assert inputs['img'].dtype == torch.uint8
    assert inputs['mapping2d'].dtype == torch.int64
    assert set(inputs) == {'img', 'tsdf', 'mapping2d'}
    truth = sample.gt_voxel_seg
    assert truth.grid_size == GRID_SIZE
    assert truth.label.dtype == torch.int64
    assert truth.occluded.dtype == truth.label_weight.dtype == torch.bool
    assert sample.sample_idx == 'TNY0001' and len(sample.cam2world) == 4


def test_a_volume_may_have_its_shape_but_no_other(tiny_root, tmp_path):
    label = make_arrays(1)['label'].reshape(GRID_SIZE)
    results = dict(frame(tiny_root), label_path=str(tmp_path / 'a.npz'))
    for shaped in (label, label[None], label.reshape(1, -1)):
        np.savez(tmp_path / 'a.npz', shaped)
        np.testing.assert_array_equal(
            build('LoadVoxelAnnotations')(dict(results))['label'], label
        )
    for shaped in (label.transpose(0, 2, 1), label.reshape(-1, GRID_SIZE[2])):
        np.savez(tmp_path / 'a.npz', shaped)
        with pytest.raises(InputError, match='a.npz.*exchange its axes'):
            build('LoadVoxelAnnotations')(dict(results))
