"""Fields of ROS 2 messages, filled without ROS.

Every function returns a dict with the names of the message's fields, nested
as the message is, of plain Python values: what
``rosidl_runtime_py.set_message_fields`` puts into a message.

Convention: world of this project, metres, right-handed, Z up (as REP 103
wants it of a fixed frame). Volumes are (sideways, height, depth), which are
world X, Z, Y.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.spatial.transform import Rotation

from ..structures import EMPTY_CLASS, IGNORE
from ..utils.errors import InputError
from ..visualization.voxel_mesh import check_volume
from ..visualization.voxel_points import VoxelPoints

Message = dict[str, Any]

# sensor_msgs/PointField
_UINT8, _FLOAT32 = 2, 7
# numbers aligned to their size, as most readers copy whole structs
_CLOUD_OFFSETS = dict(x=0, y=4, z=8, label=12, confidence=16)
_CLOUD_POINT = np.dtype(
    dict(
        names=list(_CLOUD_OFFSETS),
        formats=['<f4', '<f4', '<f4', 'u1', '<f4'],
        offsets=list(_CLOUD_OFFSETS.values()),
        itemsize=20,
    )
)
# visualization_msgs/Marker
_CUBE_LIST, _ADD, _DELETE = 6, 0, 2
# nav_msgs/OccupancyGrid
FREE, OCCUPIED, UNKNOWN = 0, 100, -1


def camera_intrinsics(p: Sequence[float], k: Sequence[float]) -> list[list[float]]:
    """Return the K of a camera whose images are rectified or aligned.

    Args:
        p (Sequence[float]): 3 x 4, row by row, ``CameraInfo.p``; zeros where
            nothing is said.
        k (Sequence[float]): 3 x 3, ``CameraInfo.k``.

    Returns:
        list: Three rows: those of P, or of K where P is not given.
    """
    projection = np.reshape(p, (3, 4))[:, :3]
    return (projection if projection.any() else np.reshape(k, (3, 3))).tolist()


class Header(NamedTuple):
    """``std_msgs/Header``, flat.

    Attributes:
        frame_id (str): Name of the world's frame.
        sec (int): Of the stamp, seconds.
        nanosec (int): Of the stamp, nanoseconds in 0..999,999,999.
    """

    frame_id: str
    sec: int = 0
    nanosec: int = 0

    def fill(self) -> Message:
        """Fill the message."""
        return dict(
            stamp=dict(sec=self.sec, nanosec=self.nanosec), frame_id=self.frame_id
        )


def point_cloud(points: VoxelPoints, header: Header) -> Message:
    """Fill a ``sensor_msgs/PointCloud2``.

    Args:
        points (VoxelPoints): Of :func:`collect_points`.
        header (Header): Frame and time.

    Returns:
        dict: One row of N points of 20 bytes, little-endian: x, y, z
        (float32), label (uint8), confidence (float32).
    """
    rows = np.zeros(len(points.label), _CLOUD_POINT)
    for axis, name in enumerate('xyz'):
        rows[name] = points.xyz[:, axis]
    rows['label'], rows['confidence'] = points.label, points.confidence
    fields = [
        dict(
            name=name,
            offset=offset,
            datatype=_UINT8 if name == 'label' else _FLOAT32,
            count=1,
        )
        for name, offset in _CLOUD_OFFSETS.items()
    ]
    return dict(
        header=header.fill(),
        height=1,
        width=len(rows),
        fields=fields,
        is_bigendian=False,
        point_step=_CLOUD_POINT.itemsize,
        row_step=rows.nbytes,
        data=rows.tobytes(),
        is_dense=True,
    )


def class_markers(
    points: VoxelPoints,
    header: Header,
    classes: Sequence[str],
    palette: Sequence[Sequence[int]],
    voxel_size: float = 0.08,
) -> Message:
    """Fill a ``visualization_msgs/MarkerArray``, a list of cubes a class.

    A class without points gets a marker that deletes what an earlier message
    has shown of it.

    Args:
        points (VoxelPoints): Of :func:`collect_points`.
        header (Header): Frame and time.
        classes (Sequence[str]): Names; the first, empty, gets no marker.
        palette (Sequence[Sequence[int]]): (num_classes, 3), RGB, 0..255.
        voxel_size (float): Side of a cube in metres. Defaults to 0.08.

    Raises:
        ValueError: If a label has no name, or a class no colour.
    """
    if len(palette) != len(classes):
        raise ValueError(
            f'{len(classes)} classes need as many colours, but got {len(palette)}'
        )
    if points.label.size and points.label.max() >= len(classes):
        raise ValueError(
            f'label {points.label.max()} has no name among {len(classes)} classes'
        )
    markers = []
    for number, name in enumerate(classes):
        if number == EMPTY_CLASS:
            continue
        xyz = points.xyz[points.label == number].astype(float)
        red, green, blue = (value / 255.0 for value in palette[number])
        markers.append(
            dict(
                header=header.fill(),
                ns=name,
                id=number,
                type=_CUBE_LIST,
                action=_ADD if len(xyz) else _DELETE,
                pose=_pose((0, 0, 0)),
                scale=_xyz([voxel_size] * 3),
                color=dict(r=red, g=green, b=blue, a=1.0),
                points=[_xyz(point) for point in xyz],
            )
        )
    return dict(markers=markers)


def occupancy_slice(
    label: np.ndarray,
    header: Header,
    min_height: float,
    max_height: float,
    voxel_size: float = 0.08,
    voxel_origin: Sequence[float] = (0, 0, 0),
) -> Message:
    """Fill a ``nav_msgs/OccupancyGrid`` with what stands between two heights.

    A cell looks at the voxels of its column whose middle is in the range. It
    is occupied (100) where one of them is, else unknown (-1) where one is
    not known, else free (0). Choose ``min_height`` above the floor.

    Args:
        label (np.ndarray): (X, Y, Z), integer; 0 is empty, 255 is not known,
            all else is occupied.
        header (Header): Frame and time.
        min_height (float): World Z, metres, from which on voxels count.
        max_height (float): World Z, metres, from which on they do not.
        voxel_size (float): Side of a voxel in metres. Defaults to 0.08.
        voxel_origin (Sequence[float]): World X, Y, Z, in metres, of the
            outer corner of voxel (0, 0, 0). Defaults to (0, 0, 0).

    Returns:
        dict: ``data`` holds one row along world X for each step along world
        Y; the origin's Z is 0.

    Raises:
        InputError: If no layer of voxels lies between the heights.
        ValueError: If ``label`` is not a volume of integers.
    """
    check_volume(label)
    x, y, z = (float(value) for value in voxel_origin)
    middles = z + voxel_size * (np.arange(label.shape[1]) + 0.5)
    layers = (middles >= min_height) & (middles < max_height)
    if not layers.any():
        raise InputError(
            f'no voxel has its middle between {min_height} and '
            f'{max_height} m: they span {middles[0]:.2f} to '
            f'{middles[-1]:.2f} m'
        )
    slab = label[:, layers]  # (X, L, Z)
    known = np.where((slab == IGNORE).any(1), UNKNOWN, FREE)
    occupied = ((slab != EMPTY_CLASS) & (slab != IGNORE)).any(1)
    cells = np.where(occupied, OCCUPIED, known).T
    stamp = header.fill()['stamp']
    return dict(
        header=header.fill(),
        info=dict(
            map_load_time=stamp,
            resolution=float(voxel_size),
            width=cells.shape[1],
            height=cells.shape[0],
            origin=_pose((x, y, 0)),
        ),
        data=cells.ravel().tolist(),
    )


def room_transform(cam2world: np.ndarray, header: Header, room_frame: str) -> Message:
    """Fill a ``geometry_msgs/TransformStamped`` from camera to room.

    So that the room hangs below the camera in the tree of frames, which may
    have a camera's parent already.

    Args:
        cam2world (np.ndarray): (4, 4), camera (x right, y down, z forward:
            ROS's optical frame) to world, metres.
        header (Header): The camera's optical frame, and the time.
        room_frame (str): Name of the world's frame.

    Returns:
        dict: Where the world lies in the camera's frame.
    """
    world2cam = np.linalg.inv(np.asarray(cam2world, np.float64))
    quaternion = Rotation.from_matrix(world2cam[:3, :3]).as_quat()
    return dict(
        header=header.fill(),
        child_frame_id=room_frame,
        transform=dict(
            translation=_xyz(world2cam[:3, 3]),
            rotation=dict(zip('xyzw', map(float, quaternion))),
        ),
    )


def _xyz(values: Iterable[float]) -> Message:
    return dict(zip('xyz', map(float, values)))


def _pose(position: Sequence[float]) -> Message:
    """A pose that is not turned."""
    return dict(position=_xyz(position), orientation=dict(x=0.0, y=0.0, z=0.0, w=1.0))
