// The exposed faces of voxels, with the light at their corners and the lines
// along their edges.
import {strides} from './grid.js';

/** How an edge is drawn; a silhouette or a crease is told by the eye. */
export const EDGE = {none: 0, between: 1, crease: 2, outline: 3, convex: 4};

// how much of the light a corner loses that is walled in on all sides
const OCCLUSION = 0.42;

/** Call `act(index, at, i, j, k)` for each voxel that is drawn; `at` is its
 * place in a volume with a rim. */
function forEachDrawn(drawn, shape, [first, second], act) {
  let index = 0;
  for (let i = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) {
      const row = (i + 1) * first + (j + 1) * second + 1;
      for (let k = 0; k < shape[2]; k++, index++) {
        if (drawn[index]) act(index, row + k, i, j, k);
      }
    }
  }
}

/** One more than `outlined` of each voxel, 0 where none is drawn, with an empty
 * rim. */
function pad(drawn, shape, outlined) {
  const size = shape.map((length) => length + 2);
  const steps = strides(size);
  const padded = new Uint32Array(size[0] * size[1] * size[2]);
  forEachDrawn(drawn, shape, steps, (index, at) => {
    padded[at] = 1 + outlined(index);
  });
  return {padded, steps};
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
  const {padded, steps} = pad(drawn, shape, outlined);
  const cells = [];
  const colours = [];
  const lights = [];
  const edges = [];
  forEachDrawn(drawn, shape, steps, (index, at, i, j, k) => {
    for (let side = 0; side < 6; side++) {
      const axis = side >> 1;
      const outwards = side & 1 ? steps[axis] : -steps[axis];
      if (padded[at + outwards]) continue;
      const [red, green, blue] = colour(index);
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
  });
  return {count: cells.length / 4, cells: new Uint16Array(cells),
          colours: new Uint8Array(colours), lights: new Uint8Array(lights),
          edges: new Uint8Array(edges)};
}
