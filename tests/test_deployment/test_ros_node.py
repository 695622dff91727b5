"""The ROS 2 node, on stand-ins for what it takes of ROS."""

import importlib.util
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from cleaners.apis import SSCInferencer, known_scene
from cleaners.utils.errors import InputError

K = [518.8579, 0.0, 320.0, 0.0, 518.8579, 240.0, 0.0, 0.0, 1.0]
STAMP = SimpleNamespace(sec=12, nanosec=345)


class BridgeError(Exception):
    pass


class Publisher:
    def __init__(self):
        self.sent = []

    def publish(self, message):
        self.sent.append(message.fields)

    sendTransform = publish


class Node:
    """Of rclpy: parameters, a log and topics, all in the open."""

    given = {}

    def __init__(self, name):
        self.values, self.log = {}, []

    def declare_parameter(self, name, default):
        self.values[name] = self.given.get(name, default)

    def get_parameter(self, name):
        return SimpleNamespace(value=self.values[name])

    def create_publisher(self, kind, topic, qos):
        return Publisher()

    def get_logger(self):
        tell = self.log.append
        return SimpleNamespace(info=lambda text, **kwargs: tell(text), warning=tell)


class Bridge:
    def imgmsg_to_cv2(self, message, encoding):
        if message.array is None:
            raise BridgeError(f'no conversion to {encoding}')
        # what the driver sent, but for a photo that is asked for as something else
        if encoding in (message.encoding, 'passthrough'):
            return message.array
        assert {encoding, message.encoding} == {'rgb8', 'bgr8'}
        return message.array[..., ::-1]


class Synchronizer:
    """Of message_filters: what it waits for, and how long."""

    def __init__(self, inputs, queue_size, slop):
        self.inputs, self.slop = inputs, slop

    def registerCallback(self, callback):
        self.callback = callback


def set_fields(message, fields):
    message.fields = fields


def ignore(*args, **kwargs):
    return None


@pytest.fixture
def make_node(monkeypatch, repo_root):
    """Start the node with parameters."""
    kinds = {
        name: type(name, (), {}) for name in ('Image', 'CameraInfo', 'PointCloud2')
    }
    for name, content in {
        'rclpy': {},
        'rclpy.node': dict(Node=Node),
        'rclpy.qos': dict(
            DurabilityPolicy=SimpleNamespace(TRANSIENT_LOCAL=1),
            QoSProfile=ignore,
            qos_profile_sensor_data=None,
        ),
        'cv_bridge': dict(CvBridge=Bridge, CvBridgeError=BridgeError),
        'geometry_msgs.msg': dict(TransformStamped=type('TransformStamped', (), {})),
        'message_filters': dict(
            ApproximateTimeSynchronizer=Synchronizer,
            Subscriber=lambda node, kind, topic, **kwargs: (kind.__name__, topic),
        ),
        'nav_msgs.msg': dict(OccupancyGrid=type('OccupancyGrid', (), {})),
        'rosidl_runtime_py': dict(set_message_fields=set_fields),
        'sensor_msgs.msg': kinds,
        'tf2_ros': dict(TransformBroadcaster=lambda node: Publisher()),
        'visualization_msgs.msg': dict(MarkerArray=type('MarkerArray', (), {})),
    }.items():
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    path = repo_root / 'projects/ros2/cleaners_ros/cleaners_ros/node.py'
    spec = importlib.util.spec_from_file_location('ros_node', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def make(**parameters):
        monkeypatch.setattr(Node, 'given', parameters)
        return module.SceneCompletionNode()

    return make


def messages(room, **changes):
    """A photo, a depth image and a camera, as they come."""
    header = SimpleNamespace(stamp=STAMP, frame_id='camera')
    arrays = dict(dict(color=room.rgb[..., ::-1], depth=room.depth_mm), **changes)
    encodings = dict(color='bgr8', depth='16UC1')
    images = [
        SimpleNamespace(header=header, array=arrays[n], encoding=encodings[n])
        for n in arrays
    ]
    return *images, SimpleNamespace(p=[0.0] * 12, k=K)


def test_a_frame_is_published_as_a_room(make_node, room):
    node = make_node(camera_height=1.4)
    node.inputs.callback(*messages(room))
    assert node.log == ['camera height 1.40 m']
    sample = SSCInferencer('cleaners_efflite0-d32')(
        room.rgb, room.depth_mm, np.reshape(K, (3, 3)), camera_height=1.4
    )
    label, _ = known_scene(sample)
    num_points = ((label > 0) & (label < 255)).sum()
    (points,), (markers,), (grid,) = (node.outputs[n].sent for n in node.outputs)
    assert points['width'] == num_points > 1000
    counts = [len(m['points']) for m in markers['markers']]
    # of the colours that were sent, not of others
    assert counts == [(label == index).sum() for index in range(1, 12)]
    # what stands between 0.15 and 1.5 m is where a robot cannot go; the floor is not
    cells = np.reshape(grid['data'], (60, 60)).T
    middles = sample.voxel_origin[2] + 0.08 * (np.arange(36) + 0.5)
    above = label[:, (middles >= 0.15) & (middles < 1.5)]
    is_free = (label == 2).any(1) & (above == 0).all(1)
    assert is_free.any() and (cells[is_free] == 0).all()
    stands = ((above > 0) & (above < 255)).any(1)
    np.testing.assert_array_equal(cells == 100, stands)
    (transform,) = node.transforms.sent
    shift, turn = (transform['transform'][key] for key in ('translation', 'rotation'))
    rotation = Rotation.from_quat([turn[axis] for axis in 'xyzw'])
    camera = -rotation.inv().apply([shift[axis] for axis in 'xyz'])
    np.testing.assert_allclose(camera, sample.cam2world[:3, 3], atol=1e-6)
    stamp = dict(sec=12, nanosec=345)
    for message in (points, grid, transform):
        assert message['header']['stamp'] == stamp


def test_what_the_node_waits_for(make_node):
    node = make_node(model='cleaners_depth-d32', max_time_difference=0.2)
    assert node.inputs.inputs == [
        ('Image', 'color'),
        ('Image', 'depth'),
        ('CameraInfo', 'camera_info'),
    ]
    assert node.inputs.slop == 0.2


def test_a_broken_frame_is_told_and_the_next_goes_on(make_node, room):
    node = make_node(model='cleaners_depth-d32')
    node.complete(*messages(room, depth=np.zeros_like(room.depth_mm)))
    node.complete(*messages(room, depth=None))
    assert 'nothing was measured' in node.log[0]
    assert node.log[1] == 'no conversion to passthrough'
    assert not any(publisher.sent for publisher in node.outputs.values())
    node.complete(*messages(room))
    # no height was given: it is found
    height = float(node.log[2].split()[2])
    assert abs(height - room.view.cam2world[2, 3]) < 0.1
    assert all(len(publisher.sent) == 1 for publisher in node.outputs.values())


def test_a_config_needs_a_checkpoint(make_node):
    with pytest.raises(InputError, match='is a config, which has no weights'):
        make_node(model='configs/cleaners_depth-d32.py')
