import numpy as np
import pytest

from cleaners.geometry.camera import Intrinsics, pixel_rays
from cleaners.geometry.resample import fit_image

CAMERA = Intrinsics(30.0, 31.0, 19.5, 14.5)


@pytest.mark.parametrize('fit', ['pad', 'crop'])
@pytest.mark.parametrize('size', [(30, 40), (60, 50), (17, 90), (11, 9)])
def test_pixels_keep_their_rays(size, fit):
    target = (24, 32)
    resampling = fit_image(size, target, fit)
    # a picture whose values tell the pixel they come from
    rows, columns = np.mgrid[: size[0], : size[1]]
    source = (rows * 1000 + columns + 1).astype(np.int64)
    result = resampling.depth(source)
    seen = np.argwhere(result > 0)
    v, u = np.divmod(result[tuple(seen.T)] - 1, 1000)
    old = pixel_rays(CAMERA, size).reshape(*size, 3)[v, u]
    camera = resampling.intrinsics(CAMERA)
    new = pixel_rays(camera, target).reshape(*target, 3)[tuple(seen.T)]
    # within half a pixel of the coarser one
    limit = max(0.5, 0.5 / resampling.scale) / 30 + 1e-9
    assert np.abs(new - old).max() <= limit
    if fit == 'crop':
        assert len(seen) == target[0] * target[1]
    else:
        # nothing is cut off
        assert v.max() >= size[0] - 1 - 1 / resampling.scale
        assert u.max() >= size[1] - 1 - 1 / resampling.scale


def test_same_size_changes_nothing():
    photo = np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8)
    resampling = fit_image((24, 32), (24, 32))
    np.testing.assert_array_equal(resampling.photo(photo), photo)
    np.testing.assert_array_equal(resampling.depth(photo[..., 0]), photo[..., 0])
    assert resampling.intrinsics(CAMERA) == CAMERA


@pytest.mark.parametrize('fit', ['pad', 'crop'])
def test_photo_and_depth_stay_aligned(fit):
    source = np.zeros((50, 40), dtype=np.uint8)
    source[10:30, 15:25] = 200
    resampling = fit_image(source.shape, (48, 64), fit)
    photo = resampling.photo(np.repeat(source[..., None], 3, 2))
    mask = resampling.depth(source) > 0
    bright = np.all(photo > 150, axis=-1)
    assert (bright != mask).sum() <= 0.1 * mask.sum()


def test_padding():
    photo = np.zeros((10, 10, 3), np.uint8)
    padded = fit_image((10, 10), (10, 14)).photo(photo)
    assert not padded[:, :10].any()
    assert (padded[:, 10:] == (124, 116, 104)).all()


def test_refuses_other_fits():
    with pytest.raises(ValueError, match="but got 'stretch'"):
        fit_image((2, 2), (2, 2), 'stretch')
