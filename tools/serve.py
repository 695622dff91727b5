"""Complete rooms in a browser: ``python tools/serve.py``.

Opens a page on this machine: upload a photo, its depth image and the camera,
press Complete, walk around in the scene.
"""

import argparse
import time

from cleaners.data_preparation.commands.camera_arguments import add_camera, camera_of
from cleaners.utils.command_line import add_network, make_parser, run_tool


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser(__doc__)
    add_network(
        parser, 'cleaners_efflite0-d32, and cleaners_depth-d32 for frames without photo'
    )
    parser.add_argument(
        '--host',
        default='127.0.0.1',
        help='address to listen at; with another than the default, such as '
        '0.0.0.0, all who reach it can use the page: there is no password',
    )
    parser.add_argument('--port', type=int, default=8080)
    add_camera(parser, is_required=False)
    return parser.parse_args()


def serve(args: argparse.Namespace) -> None:
    """Serve until Ctrl-C."""
    # here, so that --help answers at once
    from cleaners.apis import SSCInferencer
    from cleaners.apis.scene_demo import DEPTH_MODEL, PHOTO_MODEL
    from cleaners.data_preparation.profile import DEFAULT_PROFILE, get_profile
    from cleaners.live_view.server import check_start, start_scene_server

    # the network says itself what its volumes are made by
    camera = camera_of(args, get_profile(DEFAULT_PROFILE))
    # before the network is read
    check_start(camera, args.host, args.port)
    networks = [args.model] if args.model else [[PHOTO_MODEL], [DEPTH_MODEL]]
    infer, *others = (SSCInferencer(*model, device=args.device) for model in networks)
    server = start_scene_server(infer, camera, args.host, args.port, *others)
    host = f'[{args.host}]' if ':' in args.host else args.host
    print(f'open http://{host}:{server.get_port()}; Ctrl-C ends', flush=True)
    while True:
        time.sleep(1)


if __name__ == '__main__':
    run_tool(parse_args, serve)
