// The nearest view that shows all voxels, as fit_view in voxel_render.py.
import {flip, unravel} from './grid.js';

export const FOV = 40;
const YAW = 12;
const PITCH = 32;
const MARGIN = 0.04;

const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** Corners, in coordinates of three.js, of the ends of all rows of voxels (the
 * others lie between them), or of the whole box. */
function corners(drawn, shape) {
  const points = [];
  const add = ([i, j, k], size) => {
    for (let corner = 0; corner < 8; corner++) {
      points.push(flip([i + size[0] * (corner & 1), j + size[1] * (corner >> 1 & 1),
                        k + size[2] * (corner >> 2)]));
    }
  };
  const length = shape[2];
  for (let row = 0; row < drawn.length; row += length) {
    const voxels = drawn.subarray(row, row + length);
    const first = voxels.indexOf(1);
    if (first < 0) continue;
    add(unravel(row + first, shape), [1, 1, voxels.lastIndexOf(1) + 1 - first]);
  }
  if (!points.length) add([0, 0, 0], shape);
  return points;
}

/**
 * Place the camera behind and above the sensor.
 *
 * @param aspect width of the picture over its height
 * @param top share of the height that is kept free at the top
 * @return {{eye, forward, distance}} in coordinates of three.js; distance
 *     along `forward` to the middle of what is drawn
 */
export function fitView(drawn, shape, aspect, top) {
  const [yaw, pitch] = [YAW, PITCH].map((angle) => angle * Math.PI / 180);
  const forward = [-Math.sin(yaw) * Math.cos(pitch), -Math.sin(pitch),
                   -Math.cos(yaw) * Math.cos(pitch)];
  const right = [Math.cos(yaw), 0, -Math.sin(yaw)];
  const up = [-Math.sin(yaw) * Math.sin(pitch), Math.cos(pitch),
              -Math.cos(yaw) * Math.sin(pitch)];
  const half = Math.tan(FOV * Math.PI / 360);
  const inner = half * (1 - 2 * MARGIN);
  // tangents to the left and right, below and above
  const before = [inner * aspect, inner];
  const after = [inner * aspect, inner - 2 * half * top];
  const low = [-Infinity, -Infinity];
  const high = [Infinity, Infinity];
  let [near, far] = [Infinity, -Infinity];
  for (const point of corners(drawn, shape)) {
    const depth = dot(point, forward);
    near = Math.min(near, depth);
    far = Math.max(far, depth);
    [right, up].forEach((axis, n) => {
      const across = dot(point, axis);
      low[n] = Math.max(low[n], across - after[n] * depth);
      high[n] = Math.min(high[n], across + before[n] * depth);
    });
  }
  // at one depth, the camera may stand from low + after * depth to
  // high - before * depth: these meet at the nearest
  const start = Math.min(...[0, 1].map(
      (n) => (high[n] - low[n]) / (before[n] + after[n])));
  const at = [0, 1].map((n) =>
    (low[n] + high[n] + (after[n] - before[n]) * start) / 2);
  const eye = [0, 1, 2].map((axis) =>
    at[0] * right[axis] + at[1] * up[axis] + start * forward[axis]);
  return {eye, forward, distance: (near + far) / 2 - start};
}
