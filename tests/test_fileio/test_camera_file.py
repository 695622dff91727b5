import json

import numpy as np
import pytest

from cleaners.fileio.camera_file import (
    CameraFile,
    camera_path,
    check_camera,
    read_intrinsics,
    read_pose,
    take_intrinsics,
)
from cleaners.geometry.camera import Intrinsics

# lopsided, so that nothing can be swapped unseen
K = [525.0, 0.0, 320.5, 0.0, 526.0, 239.5, 0.0, 0.0, 1.0]
COLUMNS = [525.0, 0.0, 0.0, 0.0, 526.0, 0.0, 320.5, 239.5, 1.0]
ROWS = [K[:3], K[3:6], K[6:]]
FOUR = [[*ROWS[0], 0.0], [*ROWS[1], 0.0], [*ROWS[2], 0.0], [0.0, 0.0, 0.0, 1.0]]
CAMERA = Intrinsics(525.0, 526.0, 320.5, 239.5)
SIZE = dict(width=640, height=480)
NO_SIZE = dict(width=0, height=0)

ROS_1 = f"""header:
  seq: 7
  frame_id: "camera_rgb_optical_frame"
height: 480
width: 640
distortion_model: "plumb_bob"
D: [0.0, 0.0, 0.0, 0.0, 0.0]
K: {K}
R: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
P: {[*ROWS[0], 9.0, *ROWS[1], 0.0, *ROWS[2], 0.0]}
---
header:
  seq: 8
"""
ROS_2 = (
    'height: 480\nwidth: 640\nd:\n- 0.0\nk:\n'
    + ''.join(f'- {number}\n' for number in K)
    + '---\n'
)
CALIBRATION = f"""image_width: 640
image_height: 480
camera_name: head
camera_matrix:
  rows: 3
  cols: 3
  data: {K}
"""
OPENCV = """%YAML:1.0
---
image_width: 640
cameraMatrix: !!opencv-matrix
   rows: 3
   cols: 3
   dt: d
   data: [ 5.25e+02, 0., 320.5, 0., 526., 239.5, 0., 0., 1. ]
"""
ORB_SLAM = """%YAML:1.0
Camera.type: "PinHole"
Camera.fx: 525.0
Camera.fy: 526.0
Camera.cx: 320.5
Camera.cy: 239.5
Camera.width: 640
Camera.height: 480
"""


def rows(matrix):
    return '\n'.join(' '.join(map(str, row)) for row in matrix)


def write(folder, name, content):
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


class TestReadIntrinsics:
    @pytest.mark.parametrize(
        'name,content,img_size',
        [
            ('k.txt', '525 526 320.5 239.5', None),
            ('k.txt', '# fx fy cx cy\n525, 526, 320.5, 239.5\n', None),
            ('k.txt', rows(ROWS), None),
            ('k.txt', str(np.array(ROWS)), None),
            ('k.txt', rows(FOUR[:3]), None),
            ('k.txt', rows(FOUR), None),
            ('k.json', dict(intrinsics=ROWS), None),
            ('k.json', dict(cam2img=FOUR), None),
            ('k.json', dict(K=K, **SIZE), (480, 640)),
            ('k.json', dict(intrinsic_matrix=COLUMNS, **SIZE), (480, 640)),
            (
                'k.json',
                dict(intrinsic=dict(intrinsic_matrix=COLUMNS, **SIZE)),
                (480, 640),
            ),
            ('k.json', dict(fx=525, fy=526, ppx=320.5, ppy=239.5, **SIZE), (480, 640)),
            (
                'k.json',
                dict(fl_x=525, fl_y=526, cx=320.5, cy=239.5, w=640, h=480),
                (480, 640),
            ),
            ('k.yaml', ROS_1, (480, 640)),
            ('k.yaml', ROS_2, (480, 640)),
            ('k.yaml', json.dumps(dict(K=K, **NO_SIZE)), None),
            ('k.yaml', CALIBRATION, (480, 640)),
            ('k.yml', OPENCV, None),
            ('k.yml', ORB_SLAM, (480, 640)),
        ],
    )
    def test_kinds(self, tmp_path, name, content, img_size):
        camera = read_intrinsics(write(tmp_path, name, content), 'f0')
        assert camera == (CAMERA, img_size, False)

    def test_command_line(self):
        assert read_intrinsics('525,526,320.5,239.5', 'f0')[0] == CAMERA

    @pytest.mark.parametrize(
        'name,content',
        [
            ('k.txt', ' '.join(map(str, COLUMNS))),
            ('k.txt', rows(np.array(FOUR).T)),
            ('k.json', dict(K=COLUMNS)),
            ('k.yaml', CALIBRATION.replace(str(K), str(COLUMNS))),
        ],
    )
    def test_column_order_is_read_and_told(self, tmp_path, name, content):
        camera = read_intrinsics(write(tmp_path, name, content), 'f0')
        assert camera.intrinsics == CAMERA and camera.is_transposed

    @pytest.mark.parametrize(
        'content,message',
        [
            ('525 526 320.5', 'without skew whose last row is 0 0 1, but got'),
            ('0 526 320.5 239.5', 'but got .0.0, 526.0'),
            ('nan 526 320.5 239.5', 'but got .nan'),
            ('525 9 320 0 526 240 0 0 1', 'without skew'),
            ('525 0 0 9 526 0 320 240 1', 'without skew'),
            ('525 0 320 0 526 240 0 0 2', 'last row is 0 0 1'),
            ('525 0 320 0 526 240 1 1 1', 'last row is 0 0 1'),
            ('525 526 320.5 239.5 0 0 0 0 0', 'last row is 0 0 1'),
            ('525 0 320 9 0 526 240 0 0 0 1 0 0 0 0 1', 'last row is 0 0 1'),
            ('colorWidth = 640', 'no number'),
        ],
    )
    def test_text_refusals(self, tmp_path, content, message):
        path = write(tmp_path, 'k.txt', content)
        with pytest.raises(ValueError, match=f'k.txt: .*{message}') as error:
            read_intrinsics(path, 'f0')
        assert '\n' not in str(error.value)

    @pytest.mark.parametrize(
        'name,content,message',
        [
            ('k.json', dict(width=640), 'has none of .*only .*width'),
            ('k.json', dict(K='fx'), "'K' holds no numbers"),
            ('k.json', dict(K=[[[1.0]]]), "'K' holds no numbers"),
            ('k.json', dict(K={}), 'has none of'),
            (
                'k.yaml',
                'Camera1.fx: 1.0\nCamera2.fx: 2.0\n',
                "'Camera1.fx' and 'Camera2.fx' differ: keep those of the camera of",
            ),
            ('k.json', '{', 'not a JSON file'),
            ('k.json', '[' * 100000, 'not a JSON file'),
            ('k.yaml', 'K: [1, 2', 'not a YAML file'),
            ('k.yaml', 'K: !!python/object/apply:os.getcwd []', 'not a YAML'),
            ('k.yaml', 'K: &k {K: *k}', 'holds no numbers'),
            ('k.yaml', '', 'holds no numbers'),
            ('k.txt', '1 ' * 2**20, 'too many'),
        ],
    )
    def test_structure_refusals(self, tmp_path, name, content, message):
        path = write(tmp_path, name, content)
        with pytest.raises(ValueError, match=f'{name}: .*{message}') as error:
            read_intrinsics(path, 'f0')
        assert '\n' not in str(error.value)

    def test_aliases_that_stand_for_billions(self, tmp_path):
        lines = ['a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]']
        for i in range(9):
            refs = ', '.join([f'*a{i}'] * 10)
            lines.append(f'a{i + 1}: &a{i + 1} [{refs}]')
        path = write(tmp_path, 'k.yaml', '\n'.join([*lines, 'K: *a9']))
        with pytest.raises(ValueError, match="'K' holds no numbers"):
            read_intrinsics(path, 'f0')

    def test_merges_that_take_years(self, tmp_path):
        lines = ['a0: &a0 {K: 1}']
        for i in range(60):
            refs = ', '.join([f'*a{i}'] * 9)
            lines.append(f'a{i + 1}: &a{i + 1} {{<<: [{refs}]}}')
        path = write(tmp_path, 'k.yaml', '\n'.join(lines))
        with pytest.raises(ValueError, match='k.yaml: not a YAML file .*<<'):
            read_intrinsics(path, 'f0')

    def test_a_folder(self, tmp_path):
        write(tmp_path, 'f0.yaml', CALIBRATION)
        assert read_intrinsics(str(tmp_path), 'f0').intrinsics == CAMERA
        with pytest.raises(FileNotFoundError, match='f1.*no such file of'):
            read_intrinsics(str(tmp_path), 'f1')
        write(tmp_path, 'f0.txt', rows(ROWS))
        with pytest.raises(ValueError, match='f0.yaml: two files of one'):
            read_intrinsics(str(tmp_path), 'f0')

    @pytest.mark.parametrize(
        'name',
        [
            '01_K_column_major.txt',
            '01_K_column_major.json',
            '01_open3d_intrinsic.json',
            '19_intrinsic_color_4x4.txt',
        ],
    )
    def test_what_users_have(self, reference, name):
        camera = read_intrinsics(str(reference(f'user_inputs/{name}')), '')
        np.testing.assert_allclose(
            camera.intrinsics, (529.4986, 529.4991, 365.0, 265.0), atol=1e-3
        )
        assert camera.is_transposed == ('column' in name)


class TestTakeIntrinsics:
    @pytest.mark.parametrize(
        'values', [CAMERA, list(CAMERA), np.array(ROWS, np.float32), ROWS]
    )
    def test_kinds(self, values):
        assert take_intrinsics(values) == (CAMERA, None, False)

    def test_column_order_is_read_and_told(self):
        assert take_intrinsics(np.array(ROWS).T) == (CAMERA, None, True)

    @pytest.mark.parametrize(
        'values,message',
        [
            (FOUR, r'a 3 x 3 matrix, but got \(4, 4\)'),
            ([[525.0, 526.0], [320.5, 239.5]], r'but got \(2, 2\)'),
            ([525.0, 0.0, 320.5, 239.5], 'but got .525.0, 0.0'),
            ([525.0, 526.0, np.nan, 239.5], 'but got .525.0, 526.0, nan'),
            ([[525, 9, 320], [0, 526, 240], [0, 0, 1]], 'without skew'),
        ],
    )
    def test_refusals(self, values, message):
        with pytest.raises(ValueError, match=f'^intrinsics should be .*{message}'):
            take_intrinsics(values)


@pytest.mark.parametrize(
    'camera,message',
    [
        (CameraFile(CAMERA, (240, 320)), 'for images of 240 x 320 pixels, but the'),
        (CameraFile(Intrinsics(525.0, 526.0, 0.0, 0.0)), 'the principal point'),
    ],
)
def test_what_is_for_another_photo_is_refused_by_its_name(camera, message):
    check_camera(CameraFile(CAMERA, (480, 640)), (480, 640), 'k.txt')
    with pytest.raises(ValueError, match=f'^k.txt: .*{message}.*--force takes them'):
        check_camera(camera, (480, 640), 'k.txt')


class TestReadPose:
    POSE = [
        [1.0, 0.0, 0.0, 7.0],
        [0.0, 0.0, 1.0, 8.0],
        [0.0, -1.0, 0.0, 1.2],
        [0.0, 0.0, 0.0, 1.0],
    ]

    @pytest.mark.parametrize(
        'name,content',
        [
            ('p.txt', rows(POSE)),
            ('p.json', dict(pose=POSE)),
            ('p.yaml', f'cam2world: {POSE}'),
        ],
    )
    def test_kinds(self, tmp_path, name, content):
        np.testing.assert_array_equal(
            read_pose(write(tmp_path, name, content), 'f0'), self.POSE
        )

    @pytest.mark.parametrize(
        'content,message',
        [
            (rows(np.full((4, 4), -np.inf)), 'the pose is not finite'),
            (rows(np.array(POSE).T), 'written column by column'),
            (rows(POSE[:3]), 'should be 4 x 4 numbers, but got 12'),
        ],
    )
    def test_refusals(self, tmp_path, content, message):
        path = write(tmp_path, 'p.txt', content)
        with pytest.raises(ValueError, match=f'p.txt: .*{message}') as error:
            read_pose(path, 'f0')
        assert '\n' not in str(error.value)


def test_a_matrix_longer_than_the_name_of_a_file():
    text = ','.join(f'{number:.60f}' for number in K)
    assert read_intrinsics(text, 'a').intrinsics == CAMERA
    assert str(camera_path(text, 'a')) == text
