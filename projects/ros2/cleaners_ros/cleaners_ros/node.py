"""ROS 2 node that completes the room before an RGB-D camera.

Only this file knows ROS: what the messages hold is made by
``cleaners.deployment.ros_messages``.
"""

import rclpy
from cv_bridge import CvBridge, CvBridgeError
from geometry_msgs.msg import TransformStamped
from message_filters import ApproximateTimeSynchronizer, Subscriber
from nav_msgs.msg import OccupancyGrid
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from rosidl_runtime_py import set_message_fields
from sensor_msgs.msg import CameraInfo, Image, PointCloud2
from tf2_ros import TransformBroadcaster
from visualization_msgs.msg import MarkerArray

from cleaners.apis import SSCInferencer, known_scene
from cleaners.deployment.ros_messages import (
    Header,
    camera_intrinsics,
    class_markers,
    occupancy_slice,
    point_cloud,
    room_transform,
)
from cleaners.structures import SSCDataSample
from cleaners.utils.errors import InputError, report_errors
from cleaners.visualization.voxel_points import collect_points

_INPUTS = dict(color=Image, depth=Image, camera_info=CameraInfo)
_OUTPUTS = dict(points=PointCloud2, markers=MarkerArray, grid=OccupancyGrid)
# who reads maps (Nav2) asks for the last one
_QOS = dict(grid=QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL))
_SECONDS_BETWEEN_LOGS = 10
_PARAMETERS = dict(
    model='cleaners_efflite0-d32',
    checkpoint='',
    device='cpu',
    camera_height=0.0,
    room_frame='room',
    min_height=0.15,
    max_height=1.5,
    max_time_difference=0.05,
)


class SceneCompletionNode(Node):
    """Subscribe to a camera, publish the completed room."""

    def __init__(self) -> None:
        super().__init__('cleaners')
        for name, default in _PARAMETERS.items():
            self.declare_parameter(name, default)
        self.infer = self._load_network()
        # 0 is for what is not known: ROS has no parameters without a value
        self.camera_height = self._get('camera_height') or None
        self.bridge = CvBridge()
        self.transforms = TransformBroadcaster(self)
        self.outputs = {
            topic: self.create_publisher(kind, f'~/{topic}', _QOS.get(topic, 1))
            for topic, kind in _OUTPUTS.items()
        }
        self.inputs = ApproximateTimeSynchronizer(
            [
                # drivers of cameras may lose messages rather than wait
                Subscriber(self, kind, topic, qos_profile=qos_profile_sensor_data)
                for topic, kind in _INPUTS.items()
            ],
            queue_size=5,
            slop=self._get('max_time_difference'),
        )
        self.inputs.registerCallback(self.complete)

    def _get(self, name: str):
        return self.get_parameter(name).value

    def _load_network(self) -> SSCInferencer:
        """Load the network that the parameters name.

        Raises:
            InputError: If it has no weights, or :obj:`SSCInferencer` refuses.
        """
        model, checkpoint = self._get('model'), self._get('checkpoint')
        if model.endswith('.py') and not checkpoint:
            raise InputError(
                f"model '{model}' is a config, which has no weights: give "
                'checkpoint, too, or the name of a network of the package'
            )
        return SSCInferencer(model, checkpoint or None, self._get('device'))

    def complete(self, color: Image, depth: Image, info: CameraInfo) -> None:
        """Complete one frame; one that cannot be is told and left out."""
        try:
            sample = self.infer(
                self.bridge.imgmsg_to_cv2(color, 'rgb8'),
                self.bridge.imgmsg_to_cv2(depth, 'passthrough'),
                camera_intrinsics(info.p, info.k),
                camera_height=self.camera_height,
            )
            self.get_logger().info(
                f'camera height {sample.cam2world[2, 3]:.2f} m',
                throttle_duration_sec=_SECONDS_BETWEEN_LOGS,
            )
            self._publish_room(sample, color)
        # of the bridge: an encoding that it cannot convert
        except (InputError, CvBridgeError) as error:
            self.get_logger().warning(str(error))

    def _publish_room(self, sample: SSCDataSample, color: Image) -> None:
        """Publish what was completed, at the time of its photo."""
        stamp = color.header.stamp
        room = Header(self._get('room_frame'), stamp.sec, stamp.nanosec)
        camera = room._replace(frame_id=color.header.frame_id)
        scene, size = known_scene(sample), sample.voxel_size
        origin = sample.voxel_origin
        points = collect_points(*scene, size, origin)

        classes, palette = (self.infer.metainfo[key] for key in ('classes', 'palette'))
        heights = self._get('min_height'), self._get('max_height')
        transform = room_transform(sample.cam2world, camera, room.frame_id)
        # all are made before one is sent: whoever listens has all or none
        topics = dict(
            points=point_cloud(points, room),
            markers=class_markers(points, room, classes, palette, size),
            grid=occupancy_slice(scene.label, room, *heights, size, origin),
        )
        self.transforms.sendTransform(_message(TransformStamped, transform))
        for topic, fields in topics.items():
            self._publish(topic, fields)

    def _publish(self, topic: str, fields: dict) -> None:
        self.outputs[topic].publish(_message(_OUTPUTS[topic], fields))


def _message(kind: type, fields: dict):
    """A message of some kind, filled."""
    message = kind()
    set_message_fields(message, fields)
    return message


def main() -> None:
    """Run the node until it is stopped."""
    rclpy.init()
    with report_errors():
        node = SceneCompletionNode()
        try:
            rclpy.spin(node)
        except KeyboardInterrupt:
            pass
        finally:
            node.destroy_node()
            rclpy.try_shutdown()
