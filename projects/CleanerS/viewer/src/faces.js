// The exposed faces of voxels, with the light at their corners and the lines
// along their edges.
import {strides, unravel} from './grid.js';

/** How an edge is drawn; a silhouette or a crease is told by the eye. */
export const EDGE = {none: 0, between: 1, crease: 2, outline: 3, convex: 4};

// how much of the light a corner loses that is walled in on all sides
const OCCLUSION = 0.42;

/** One more than `outlined` of each voxel, 0 where none is drawn, with an empty
 * rim. */
function pad(drawn, shape, outlined) {
  const size = shape.map((length) => length + 2);
  const [first, second] = strides(size);
  const padded = new Uint32Array(size[0] * size[1] * size[2]);
  const solid = [];
  drawn.forEach((is, index) => {
    if (!is) return;
    const [i, j, k] = unravel(index, shape);
    const at = (i + 1) * first + (j + 1) * second + k + 1;
    padded[at] = 1 + outlined(index);
    solid.push([index, at, i, j, k]);
  });
  return {padded, solid, steps: [first, second, 1]};
}

/** Light, 0..255, at a corner of a face; `front` is the cell before it. */
function cornerLight(padded, front, u, v) {
  const walls = (padded[front + u] ? 1 : 0) + (padded[front + v] ? 1 : 0) +
    (padded[front + u + v] ? 1 : 0);
  return Math.round(255 * (1 - OCCLUSION * walls / 3));
}

/** The line towards the neighbour in direction `step` along the face. */
function edgeKind(padded, at, outwards, step) {
  const above = padded[at + outwards + step];
  if (above) return above === padded[at] ? EDGE.crease : EDGE.outline;
  const beside = padded[at + step];
  if (beside) return beside === padded[at] ? EDGE.between : EDGE.outline;
  return EDGE.convex;
}

/**
 * Collect the faces that touch no other drawn voxel.
 *
 * The corners of a face are numbered u + 2 v, its edges -u, +u, -v, +v, where
 * u and v are the other two axes, in order.
 *
 * @param drawn Uint8Array, C order
 * @param colour (index) => [r, g, b], 0..255
 * @param outlined (index) => number; an outline is drawn where it changes
 * @param marked Uint8Array or null: voxels that get a pattern
 * @return {{count, cells, colours, lights, edges}} four values a face: voxel
 *     and side (2 * axis + high); colour and mark; light of the corners;
 *     kinds of the edges
 */
export function buildFaces(drawn, shape, colour, outlined, marked) {
  const {padded, solid, steps} = pad(drawn, shape, outlined);
  const cells = [];
  const colours = [];
  const lights = [];
  const edges = [];
  for (const [index, at, i, j, k] of solid) {
    const [red, green, blue] = colour(index);
    for (let side = 0; side < 6; side++) {
      const axis = side >> 1;
      const outwards = side & 1 ? steps[axis] : -steps[axis];
      if (padded[at + outwards]) continue;
      const u = steps[axis === 0 ? 1 : 0];
      const v = steps[axis === 2 ? 1 : 2];
      const front = at + outwards;
      cells.push(i, j, k, side);
      colours.push(red, green, blue, marked?.[index] ? 255 : 0);
      lights.push(cornerLight(padded, front, -u, -v),
                  cornerLight(padded, front, u, -v),
                  cornerLight(padded, front, -u, v),
                  cornerLight(padded, front, u, v));
      for (const step of [-u, u, -v, v]) {
        edges.push(edgeKind(padded, at, outwards, step));
      }
    }
  }
  return {count: cells.length / 4, cells: new Uint16Array(cells),
          colours: new Uint8Array(colours), lights: new Uint8Array(lights),
          edges: new Uint8Array(edges)};
}
