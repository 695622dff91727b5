import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config

from cleaners.apis import (inference_ssc, init_ssc_distiller, init_ssc_model,
                           ssc_losses)
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


def test_inference_gives_labels_logits_and_features(model, arrays):
    sample = inference_ssc(
        model,
        arrays['img'],
        arrays['tsdf'],
        arrays['mapping'],
        return_feats=True)
    pred = sample.pred_voxel_seg
    assert pred.logits.shape == (12, *GRID_SIZE)
    assert pred.label.shape == GRID_SIZE and pred.label.dtype == torch.uint8
    assert (pred.label == pred.logits.argmax(0)).all()
    assert {
        k: tuple(v.shape)
        for k, v in sample.feats.items()
    } == dict(
        feat_2d=(8, 8, 16),
        logits_2d=(12, *IMG_SIZE),
        tsdf_feat=(8, *GRID_SIZE),
        voxel_feat=(8, *GRID_SIZE))
    plain = inference_ssc(model, arrays['img'], arrays['tsdf'],
                          arrays['mapping'])
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
            dict(mapping=mapping2d),
            dict(mapping=arrays['mapping'].astype(np.int32))
    ]:
        torch.testing.assert_close(
            logits_of(model, arrays, **changed), expected)
    bgr = logits_of(model, arrays, img=arrays['img'][..., ::-1])
    assert not torch.allclose(bgr, expected)
    doubled = logits_of(model.double(), arrays)
    assert doubled.dtype == torch.float64
    torch.testing.assert_close(doubled.float(), expected)


@pytest.mark.parametrize('changed, match', [
    (dict(img=np.zeros((3, 32, 64), np.uint8)), r'should be \(H, W, 3\)'),
    (dict(img=np.zeros((3, 8, 8), np.float32)), r'float \(3, 32, 64\)'),
    (dict(tsdf=np.zeros(7, np.float32)), 'tsdf should hold 1536 voxels'),
    (dict(mapping=np.zeros((2, 768), np.int64)), r'mapping should be \(1536'),
    (dict(mapping=np.full(1536, 2049)), r'should lie in 0\.\.2048'),
    (dict(mapping=np.full((32, 64), 1536)), r'should lie in -1\.\.1535'),
])
def test_wrong_inputs_are_refused(model, arrays, changed, match):
    with pytest.raises(InputError, match=match):
        logits_of(model, arrays, **changed)


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
    with pytest.raises(InputError, match="lacks 'label_weight'"):
        batch.pop('label_weight')
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
    with pytest.raises(InputError, match='CleanerDistiller'):
        init_ssc_distiller(Config(dict(model=tiny_ssc_net())))
