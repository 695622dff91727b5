"""An open scene page."""

import cv2
import numpy as np

CEILING, FLOOR, WALL, CHAIR = 1, 2, 3, 4
# two frames: the one that is asked for, and the one that shows it
SETTLE = (
    '() => new Promise((done) => requestAnimationFrame('
    '() => requestAnimationFrame(done)))'
)


class Page:
    """An open page, and what a test asks of it."""

    def __init__(self, page):
        self.page = page
        self.errors = []
        page.on('pageerror', lambda error: self.errors.append(str(error)))
        page.on(
            'console',
            lambda message: (
                message.type == 'error' and self.errors.append(message.text)
            ),
        )

    def open(self, path, seconds=30):
        self.page.goto(path.as_uri())
        self.page.wait_for_selector('html[data-ready]', timeout=1000 * seconds)
        self.frame = self.page.locator('#scene').bounding_box()

    def ask(self, expression, value=None):
        """What a function of the state in the page says."""
        return self.page.evaluate(
            f'(value) => {{ const scene = window.cleanersScene; '
            f'return {expression}; }}',
            value,
        )

    def picture(self):
        """What is drawn, (H, W, 3) RGB; the buttons over it are left out."""
        self.page.mouse.move(self.frame['width'] + 5, 5)
        self.page.evaluate(SETTLE)
        content = self.page.locator('#scene').screenshot()
        picture = cv2.imdecode(np.frombuffer(content, np.uint8), 1)
        return picture[60:, :, ::-1].astype(int)

    def points(self, step=9):
        """Points (N, 2) x, y all over what :meth:`picture` shows."""
        x = np.arange(step // 2, self.frame['width'], step)
        y = np.arange(60 + step // 2, self.frame['height'], step)
        return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)

    def pick(self, points):
        """Labels (N,) and voxels (N, 3) at points; -1 for none."""
        hits = self.ask('value.map(([x, y]) => scene.pick(x, y))', points.tolist())
        return (
            np.array([hit['label'] if hit else -1 for hit in hits]),
            np.array([hit['voxel'] if hit else [-1] * 3 for hit in hits]),
        )

    def rays(self, points):
        """Origins and directions (N, 3) through points, in the grid."""
        rays = self.ask('value.map(([x, y]) => scene.ray(x, y))', points.tolist())
        return (
            np.array([ray['origin'] for ray in rays]),
            np.array([ray['direction'] for ray in rays]),
        )

    def press(self, name):
        self.page.get_by_role('button', name=name).first.click()
