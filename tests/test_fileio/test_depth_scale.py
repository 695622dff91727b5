import numpy as np
import pytest

from cleaners.fileio.depth_file import decode_depth_file, encode_depth, read_depth_png
from cleaners.fileio.depth_scale import (
    DepthCode,
    check_depth_code,
    depth_to_metres,
    stored_to_metres,
)

# a room: 1.1 to 6 m
ROOM = np.linspace(1.1, 6, 1000).reshape(25, 40)
ROOM_MM = np.rint(ROOM * 1000).astype(np.uint16)


class TestDepthToMetres:
    @pytest.mark.parametrize(
        'stored,code,expected',
        [
            (np.uint16([[1500, 0, 65535]]), DepthCode(), [1.5, 0, 0]),
            (np.uint16([[7500, 0, 65535]]), DepthCode(5000.0), [1.5, 0, 0]),
            (
                encode_depth(np.uint16([[1500, 0, 65535]])),
                DepthCode(None, True),
                [1.5, 0, 0],
            ),
            (np.int16([[1500, -1, 32767]]), DepthCode(), [1.5, 0, 0]),
            (np.int32([[1500, 65535, 2**31 - 1]]), DepthCode(), [1.5, 65.535, 0]),
            (np.float32([[1.5, np.nan, np.inf]]), DepthCode(), [1.5, 0, 0]),
            (np.float64([[1.5, -1, 1e10]]), DepthCode(), [1.5, 0, 0]),
            (np.float16([[1500, 0, 8]]), DepthCode(1000.0), [1.5, 0, 0.008]),
        ],
    )
    def test_known_values(self, stored, code, expected):
        depth = depth_to_metres(stored, code)
        assert depth.dtype == np.float32
        np.testing.assert_allclose(depth, [expected], rtol=1e-6)

    def test_every_millimetre_survives(self):
        stored = np.arange(65535, dtype=np.uint16).reshape(255, 257)
        depth = depth_to_metres(stored, DepthCode())
        np.testing.assert_array_equal(np.rint(depth * 1000), stored)

    def test_bits_of_floats_are_not_rotated(self):
        with pytest.raises(ValueError, match='uint16, but got float64'):
            depth_to_metres(ROOM, DepthCode(None, True))


class TestCheckDepthCode:
    @pytest.mark.parametrize(
        'stored,code',
        [
            (ROOM_MM, DepthCode()),
            (ROOM_MM, DepthCode(1000.0)),
            (ROOM.astype(np.float32), DepthCode()),
            (encode_depth(ROOM_MM), DepthCode(None, True)),
            (np.where(ROOM < 5.5, 0, ROOM_MM), DepthCode()),
        ],
    )
    def test_rooms(self, stored, code):
        check_depth_code(stored, code)

    @pytest.mark.parametrize(
        'stored,code,fits',
        [
            (ROOM_MM, DepthCode(0.001), 'with --depth-scale 1000, 100 % would'),
            (ROOM_MM, DepthCode(1.0), 'with --depth-scale 1000, 100 % would'),
            (ROOM_MM, DepthCode(1e-300), 'with --depth-scale 1000, 100 % would'),
            (
                ROOM_MM,
                DepthCode(None, True),
                'with --depth-scale 1000 without --rotated-depth, 100 % would',
            ),
            (
                encode_depth(ROOM_MM),
                DepthCode(),
                'median 28.4 m.; with --rotated-depth, 100 % would',
            ),
            (ROOM_MM * 5, DepthCode(), 'with --depth-scale 5000, 100 % would'),
            (ROOM_MM * 10, DepthCode(), 'with --depth-scale 10000, 100 % would'),
            (
                np.rint(ROOM).astype(np.uint16),
                DepthCode(),
                'with --depth-scale 1, 100 % would',
            ),
            (ROOM, DepthCode(1000.0), 'with --depth-scale 1, 100 % would'),
            (ROOM * 1000, DepthCode(), 'with --depth-scale 1000, 100 % would'),
        ],
    )
    def test_names_the_code_that_fits(self, stored, code, fits):
        with pytest.raises(ValueError, match=f'of the measured .*{fits}'):
            check_depth_code(stored, code)

    def test_both_options_of_one_code_are_named(self):
        code = DepthCode(100.0, True)
        with pytest.raises(ValueError, match='with --rotated-depth --depth-scale 100,'):
            check_depth_code(encode_depth(ROOM_MM), code)

    @pytest.mark.parametrize('hole', [0, 65535])
    def test_nothing_measured(self, hole):
        stored = np.full((4, 5), hole, np.uint16)
        with pytest.raises(ValueError, match='nothing was measured'):
            check_depth_code(stored, DepthCode(), force=True)

    def test_force_needs_some_depth_in_the_range(self):
        stored = np.full((10, 10), 90.0)
        stored[0, :3] = 3
        with pytest.raises(ValueError, match=', 3 % of .* none of the usual'):
            check_depth_code(stored, DepthCode())
        check_depth_code(stored, DepthCode(), force=True)
        stored[0, :3] = 0
        with pytest.raises(ValueError, match=', 0 % of '):
            check_depth_code(stored, DepthCode(), force=True)

    @pytest.mark.parametrize(
        'name,code,fits',
        [
            ('rgbd_frames/office_shelf', DepthCode(), '--rotated-depth, 100 %'),
            ('rgbd_frames/office_desk', DepthCode(), '--depth-scale 5000, 99.4'),
            ('rgbd_frames/tabletop', DepthCode(), None),
            ('sunrgbd_frame/000017', DepthCode(0.001), '--depth-scale 1000, 100'),
            ('sunrgbd_frame/000017', DepthCode(), None),
        ],
    )
    def test_real_frames(self, reference, name, code, fits):
        path = reference(f'{name}_depth.png')
        stored = decode_depth_file(path, path.read_bytes())
        if fits is None:
            check_depth_code(stored, code)
        else:
            with pytest.raises(ValueError, match=f'; with {fits}'):
                check_depth_code(stored, code)

    def test_nyu_as_before(self, nyu_frame_dir):
        path = nyu_frame_dir / 'NYU0003_0000.png'
        code = DepthCode(None, True)
        stored = decode_depth_file(path, path.read_bytes())
        check_depth_code(stored, code)
        np.testing.assert_array_equal(
            np.rint(depth_to_metres(stored, code) * 1000), read_depth_png(path)
        )


class TestStoredToMetres:
    def test_what_passes_is_turned_into_metres(self):
        depth = stored_to_metres('d.png', ROOM_MM, DepthCode())
        np.testing.assert_array_equal(depth, depth_to_metres(ROOM_MM, DepthCode()))

    @pytest.mark.parametrize(
        'stored,code,message',
        [
            (np.zeros((2, 2), np.uint16), DepthCode(), 'nothing was measured'),
            (ROOM, DepthCode(None, True), '--rotated-depth is for uint16'),
        ],
    )
    def test_refusals_name_the_source(self, stored, code, message):
        with pytest.raises(ValueError, match=f'^d.png: {message}'):
            stored_to_metres('d.png', stored, code)
