import io

import cv2
import mmcv
import numpy as np
import pytest
from PIL import Image

from cleaners.fileio.image_file import (
    check_num_pixels,
    decode_photo,
    encode_png,
    exif_orientation,
    read_bytes,
    read_photo,
)

# smooth, lopsided: no turn of it looks like another
PHOTO = cv2.resize(
    np.uint8([[[10, 80, 200], [90, 30, 60]], [[200, 10, 20], [5, 250, 90]]]), (9, 6)
)
GREY = PHOTO[..., 0]


def encode(image, kind='PNG', **kwargs):
    stream = io.BytesIO()
    image.save(stream, kind, **kwargs)
    return stream.getvalue()


def turned(orientation, kind):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encode(Image.fromarray(PHOTO), kind, exif=exif, quality=95)


class TestDecodePhoto:
    @pytest.mark.parametrize(
        'content,expected,slack',
        [
            (encode(Image.fromarray(PHOTO)), PHOTO, 0),
            (encode(Image.fromarray(GREY)), np.dstack([GREY] * 3), 0),
            (encode(Image.fromarray(PHOTO).convert('RGBA')), PHOTO, 0),
            (encode(Image.fromarray(GREY).convert('LA')), np.dstack([GREY] * 3), 0),
            (encode(Image.fromarray(PHOTO).quantize(256)), PHOTO, 9),
            (encode_png(PHOTO.astype(np.uint16) * 257), PHOTO, 0),
            (encode_png(GREY.astype(np.uint16) * 257), np.dstack([GREY] * 3), 0),
            (
                encode(Image.fromarray(GREY), 'JPEG', quality=100),
                np.dstack([GREY] * 3),
                3,
            ),
            (
                encode(Image.fromarray(PHOTO).convert('CMYK'), 'JPEG', quality=100),
                PHOTO,
                9,
            ),
        ],
    )
    def test_kinds(self, content, expected, slack):
        photo = decode_photo('a', content)
        assert photo.dtype == np.uint8 and photo.flags.c_contiguous
        np.testing.assert_allclose(photo.astype(int), expected.astype(int), atol=slack)

    @pytest.mark.parametrize('kind', ['PNG', 'JPEG'])
    @pytest.mark.parametrize(
        'orientation,expected',
        [
            (1, PHOTO),
            (2, PHOTO[:, ::-1]),
            (3, PHOTO[::-1, ::-1]),
            (6, np.rot90(PHOTO, -1)),
            (8, np.rot90(PHOTO)),
        ],
    )
    def test_turned_as_exif_says(self, tmp_path, kind, orientation, expected):
        content = turned(orientation, kind)
        photo = decode_photo('a', content)
        assert photo.shape == expected.shape
        assert np.abs(photo.astype(int) - expected).mean() < 20
        # as data set and inference read it
        path = tmp_path / 'a'
        path.write_bytes(content)
        np.testing.assert_array_equal(photo, mmcv.imread(path, channel_order='rgb'))
        assert exif_orientation(path) == orientation

    def test_a_phones_photo(self, reference):
        path = reference('user_inputs/06_exif_orientation_3.jpg')
        photo = read_photo(path)
        upright = read_photo(reference('sunrgbd_frame/000017.jpg'))
        assert np.abs(photo.astype(int) - upright).mean() < 3
        assert np.abs(photo[::-1, ::-1].astype(int) - upright).mean() > 30


def test_a_photo_is_read_as_it_is_decoded(tmp_path):
    path = tmp_path / 'a.png'
    with pytest.raises(FileNotFoundError, match='a.png: no such photo'):
        read_photo(path)
    path.write_bytes(encode_png(PHOTO))
    np.testing.assert_array_equal(read_photo(path), PHOTO)


def test_orientation_of_what_is_no_photo(tmp_path):
    assert exif_orientation(tmp_path / 'none.jpg') == 1
    (tmp_path / 'a.jpg').write_bytes(b'no picture')
    assert exif_orientation(tmp_path / 'a.jpg') == 1


@pytest.mark.parametrize('size', [(0, 5), (8001, 8000)])
def test_sizes_that_are_refused(size):
    with pytest.raises(ValueError, match=f'a.png: {size[0]} x {size[1]} pix'):
        check_num_pixels('a.png', size)


def test_a_file_that_no_camera_writes_is_not_read(tmp_path):
    path = tmp_path / 'a.png'
    with open(path, 'wb') as file:
        file.truncate(2**30)  # of holes
    with pytest.raises(ValueError, match='a.png: 1024 MiB, more than any photo has'):
        read_bytes(path, 'photo')


@pytest.mark.parametrize('orientation', [0, 9])
def test_an_orientation_that_there_is_not_turns_nothing(tmp_path, orientation):
    path = tmp_path / 'a.jpg'
    path.write_bytes(turned(orientation, 'JPEG'))
    assert exif_orientation(path) == 1
    assert np.abs(read_photo(path).astype(int) - PHOTO).mean() < 9
