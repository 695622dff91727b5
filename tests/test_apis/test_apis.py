import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from PIL import Image

from cleaners.apis import inference_ssc, init_ssc_distiller, init_ssc_model, ssc_losses
from cleaners.testing import make_ssc_batch, tiny_distiller, tiny_ssc_net
from cleaners.testing.tiny import GRID_SIZE, IMG_SIZE, make_arrays
from cleaners.utils.errors import InputError


@pytest.fixture
def arrays():
    return make_arrays(0)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return init_ssc_model(Config(dict(model=tiny_ssc_net())))


def logits_of(model, arrays, **changed):
    frame = {k: arrays[k] for k in ('img', 'tsdf', 'mapping')}
    return inference_ssc(model, **{**frame, **changed}).pred_voxel_seg.logits


def test_init_loads_strictly(model, tmp_path):
    path = str(tmp_path / 'epoch_1.pth')
    torch.save(dict(state_dict=model.state_dict()), path)
    distilled = Config(dict(model=tiny_distiller('nowhere')))
    student = init_ssc_model(distilled, path)
    assert not student.training
    for name, value in model.state_dict().items():
        assert torch.equal(student.state_dict()[name], value)
    with pytest.raises(InputError, match='does not fit'):
        init_ssc_model(Config(dict(model=tiny_ssc_net(channels=12))), path)
    with pytest.raises(InputError, match='no_such.py'):
        init_ssc_model('no_such.py')


def test_what_is_missing_of_a_config_is_named(tmp_path):
    (tmp_path / 'mine.py').write_text("_base_ = './gone.py'\n")
    with pytest.raises(InputError, match=r"config '.*mine\.py': .*gone\.py"):
        init_ssc_model(str(tmp_path / 'mine.py'))


def test_an_option_of_the_student_is_not_the_distillers():
    cfg = Config(dict(model=tiny_distiller('nowhere')))
    cfg.model.channels = 12
    with pytest.raises(
        InputError,
        match="'model.channels' does nothing: CleanerDistiller has no such argument; "
        "perhaps 'model.student.channels' is meant",
    ):
        init_ssc_model(cfg)


def test_logits_of_half_precision_are_float32(model, arrays):
    with torch.autocast('cpu', torch.bfloat16):
        found = logits_of(model, arrays)
    assert found.dtype == torch.float32
    assert not torch.equal(found, logits_of(model, arrays))


def test_inference_gives_labels_logits_and_features(model, arrays):
    sample = inference_ssc(
        model, arrays['img'], arrays['tsdf'], arrays['mapping'], return_feats=True
    )
    pred = sample.pred_voxel_seg
    assert pred.logits.shape == (12, *GRID_SIZE)
    assert pred.label.shape == GRID_SIZE and pred.label.dtype == torch.uint8
    assert (pred.label == pred.logits.argmax(0)).all()
    assert {k: tuple(v.shape) for k, v in sample.feats.items()} == dict(
        feat_2d=(8, 8, 16),
        logits_2d=(12, *IMG_SIZE),
        tsdf_feat=(8, *GRID_SIZE),
        voxel_feat=(8, *GRID_SIZE),
    )
    plain = inference_ssc(model, arrays['img'], arrays['tsdf'], arrays['mapping'])
    assert 'feats' not in plain


def test_every_form_of_the_inputs_gives_the_same(model, arrays, tmp_path):
    expected = logits_of(model, arrays)
    path = str(tmp_path / 'photo.png')
    cv2.imwrite(path, arrays['img'][..., ::-1])  # the array is RGB
    mean, std = np.array([[123.675, 116.28, 103.53], [58.395, 57.12, 57.375]])
    image = ((arrays['img'] - mean) / std).transpose(2, 0, 1)
    mapping2d = make_ssc_batch(1)[0]['mapping2d'][0]
    for changed in [
        dict(img=path),
        dict(img=torch.from_numpy(arrays['img'])),
        dict(img=torch.from_numpy(image).float()),
        dict(tsdf=arrays['tsdf'].reshape(1, *GRID_SIZE)),
        dict(tsdf=arrays['tsdf'].astype('>f8')),
        dict(tsdf=arrays['tsdf'].tolist()),
        dict(mapping=mapping2d),
        dict(mapping=arrays['mapping'].astype(np.int32)),
        dict(mapping=arrays['mapping'].astype(np.float64)),
    ]:
        torch.testing.assert_close(logits_of(model, arrays, **changed), expected)
    bgr = logits_of(model, arrays, img=arrays['img'][..., ::-1])
    assert not torch.allclose(bgr, expected)
    doubled = logits_of(model.double(), arrays)
    assert doubled.dtype == torch.float64
    torch.testing.assert_close(doubled.float(), expected)


def spoilt(shape, value, dtype=np.float32):
    """Zeros with one other value."""
    array = np.zeros(shape, dtype)
    array.flat[5] = value
    return array


@pytest.mark.parametrize(
    'changed, match',
    [
        (dict(img=np.zeros((3, 32, 64), np.uint8)), r'should be \(H, W, 3\)'),
        (dict(img=np.zeros((32, 64), np.uint8)), r'should be \(H, W, 3\)'),
        (dict(img=np.zeros((32, 64, 4), np.uint8)), r'should be \(H, W, 3\)'),
        (
            dict(img=np.zeros((16, 32, 3), np.uint8)),
            r'img should be \(32, 64\) pixels .* but is \(16, 32\)',
        ),
        (dict(img=np.zeros((64, 32, 3), np.uint8)), r'but is \(64, 32\)'),
        (dict(img=np.zeros((32, 64, 3), np.int64)), r'float \(3, .*got int64'),
        (dict(img=np.zeros((3, 8, 8), np.float32)), r'float \(3, 32, 64\)'),
        (dict(img=spoilt((3, 32, 64), np.nan)), 'img should lie in .*nan'),
        (dict(img=spoilt((3, 32, 64), 255)), 'img should lie in .*to 255.0'),
        (dict(img=None), 'this network needs a photo of the frame'),
        (dict(tsdf=np.zeros(7, np.float32)), 'tsdf should hold 1536 voxels'),
        (dict(tsdf=np.zeros((12, 16, 8), np.float32)), 'but has shape .12, 16'),
        (dict(tsdf=spoilt(1536, np.nan)), r'tsdf should lie in -1\.\.1, .*nan'),
        (dict(tsdf=spoilt(1536, np.inf)), r'tsdf should lie in -1\.\.1, .*inf'),
        (dict(tsdf=spoilt(1536, -1.001)), r'should lie in -1\.\.1, .*-1\.001'),
        (dict(tsdf=np.zeros(1536, np.uint8)), 'tsdf should be float, .*uint8'),
        (dict(tsdf=[[1.0], [1.0, 0.0]]), 'tsdf is no array'),
        (dict(mapping=np.zeros((2, 768), np.int64)), r'mapping should be \(1536'),
        (dict(mapping=np.full(1536, 2049)), r'should lie in 0\.\.2048'),
        (dict(mapping=np.full((32, 64), 1536)), r'should lie in -1\.\.1535'),
        (dict(mapping=spoilt(1536, 0.5)), 'mapping should hold whole .*has 0.5'),
        (dict(mapping=spoilt(1536, np.nan)), 'mapping should hold whole .*nan'),
        (dict(mapping=np.zeros(1536, bool)), 'whole numbers, but is bool'),
        (dict(mapping='mapping.npz'), 'mapping should be an array of numbers'),
    ],
)
def test_wrong_inputs_are_refused(model, arrays, changed, match):
    with pytest.raises(InputError, match=match):
        logits_of(model, arrays, **changed)


@pytest.mark.parametrize(
    'name, content, match',
    [
        ('none.png', None, 'none.png: no such photo'),
        ('empty.png', b'', 'empty.png: not a readable PNG or JPEG'),
        ('text.png', b'no image at all', 'text.png: not a readable PNG or JPEG'),
        ('half.png', (16, 32), r'half.png. should be \(32, 64\) pixels'),
    ],
)
def test_photos_that_cannot_serve_are_named(
    model, arrays, tmp_path, name, content, match
):
    path = tmp_path / name
    if isinstance(content, tuple):
        cv2.imwrite(str(path), np.zeros((*content, 3), np.uint8))
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=match):
        logits_of(model, arrays, img=path)


def test_a_photo_is_turned_as_its_exif_says(model, arrays, tmp_path):
    """As the loader of the data set does."""
    photo = Image.fromarray(arrays['img'])
    turned = tmp_path / 'turned.png'
    exif = Image.Exif()
    exif[0x0112] = 8  # is shown turned by 90 degrees to the left
    photo.transpose(Image.Transpose.ROTATE_270).save(turned, exif=exif)
    torch.testing.assert_close(
        logits_of(model, arrays, img=turned), logits_of(model, arrays)
    )


def frames(*seeds):
    batch = [make_arrays(seed) for seed in seeds]
    return {key: [frame[key] for frame in batch] for key in batch[0]}


def test_supervised_losses(model):
    """As the model's own on the batch that a data loader would give."""
    inputs, samples = make_ssc_batch(2)
    batch = frames(0, 1)
    batch['img'] = inputs['imgs']
    found = ssc_losses(model, batch)
    expected = model(inputs, samples, mode='loss')
    assert set(found) == set(expected) == {'loss_ssc', 'loss_2d'}
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value)
    sum(found.values()).backward()
    # as stored in the data sets of others
    batch['label'] = [label.astype(np.float64) for label in batch['label']]
    batch['label_weight'] = [w > 0 for w in batch['label_weight']]
    for name, value in ssc_losses(model, batch).items():
        torch.testing.assert_close(value, expected[name])


@pytest.mark.parametrize(
    'changed, match',
    [
        (dict(label_weight=None), "batch lacks 'label_weight'"),
        (dict(tsdf=[]), "one entry a frame .*'tsdf': 0, .*'img': 2"),
        (dict(label=[np.zeros(1536, int)]), "'label': 1, 'label_weight': 2"),
        (dict(img=7), 'img of the batch should be a list .* got int'),
        (
            dict(label=[np.zeros(1536, int), spoilt(1536, 12, int)]),
            r'frame 1 of the batch: label should be 0\.\.11 or 255, but has 12',
        ),
        (dict(label=[spoilt(1536, -1, int)] * 2), 'frame 0 .* but has -1'),
        (dict(label=[spoilt(1536, 1.5)] * 2), 'label should hold whole numbers'),
        (dict(label=[np.zeros(7, int)] * 2), 'label should hold 1536 voxels'),
        (dict(label_weight=[spoilt(1536, 2)] * 2), 'label_weight should be bool'),
        (dict(label_weight=[spoilt(1536, np.nan)] * 2), 'weight should be .*nan'),
    ],
)
def test_wrong_batches_are_refused(model, changed, match):
    batch = {**frames(0, 1), **changed}
    batch = {key: value for key, value in batch.items() if value is not None}
    with pytest.raises(InputError, match=match):
        ssc_losses(model, batch)


def test_distilled_losses(model, tmp_path):
    path = str(tmp_path / 'teacher.pth')
    torch.save(model.state_dict(), path)
    config = Config(dict(model=tiny_distiller('nowhere')))
    distiller = init_ssc_distiller(config, path, teacher_ckpt=path)
    assert distiller.training and not distiller.teacher.training
    # the same network on the same volume has nothing to distil
    batch = frames(0, 1)
    batch['tsdf_cad'] = batch['tsdf']
    losses = ssc_losses(distiller.eval(), batch)
    for name in ('loss_kd_surface', 'loss_kd_center', 'loss_kd_affinity'):
        assert losses.pop(name).item() == pytest.approx(0, abs=1e-6)
    assert set(losses) == {'loss_ssc', 'loss_2d'}
    losses = ssc_losses(distiller.train(), frames(0, 1))
    assert all(loss > 0 for loss in losses.values())
    batch['tsdf_cad'] = [spoilt(1536, np.nan)] * 2
    with pytest.raises(InputError, match='frame 0 .*tsdf_cad should lie'):
        ssc_losses(distiller, batch)
    del batch['tsdf_cad']
    with pytest.raises(InputError, match="batch lacks 'tsdf_cad'"):
        ssc_losses(distiller, batch)
    with pytest.raises(InputError, match='CleanerDistiller'):
        init_ssc_distiller(Config(dict(model=tiny_ssc_net())))
