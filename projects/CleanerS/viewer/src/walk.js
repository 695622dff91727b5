// Walks along a ray from voxel to voxel: exact, whatever the step.
import {strides} from './grid.js';

/**
 * Find the first voxel of `solid` on a ray.
 *
 * @param solid Uint8Array, C order; non-zero stops the ray
 * @param shape voxels along the three axes
 * @param origin start in grid coordinates, inside of the grid or not
 * @param direction of any length
 * @return {{index, voxel, face}} or null; face = 2 * axis + (1 if entered
 *     from the high side), -1 where the ray starts in the voxel
 */
export function firstVoxel(solid, shape, origin, direction) {
  let enter = 0;
  let leave = Infinity;
  let face = -1;
  for (let axis = 0; axis < 3; axis++) {
    if (direction[axis] === 0) {
      if (origin[axis] < 0 || origin[axis] >= shape[axis]) return null;
      continue;
    }
    const low = -origin[axis] / direction[axis];
    const high = (shape[axis] - origin[axis]) / direction[axis];
    if (Math.min(low, high) > enter) {
      enter = Math.min(low, high);
      face = 2 * axis + (direction[axis] < 0 ? 1 : 0);
    }
    leave = Math.min(leave, Math.max(low, high));
  }
  if (enter >= leave) return null;

  const voxel = [0, 1, 2].map((axis) => Math.min(shape[axis] - 1, Math.max(0,
      Math.floor(origin[axis] + enter * direction[axis]))));
  // rounding must not put the ray into the neighbour of the first voxel
  if (face >= 0) voxel[face >> 1] = face & 1 ? shape[face >> 1] - 1 : 0;
  const stride = strides(shape);
  const next = voxel.map((cell, axis) => direction[axis] === 0 ? Infinity :
      (cell + (direction[axis] > 0 ? 1 : 0) - origin[axis]) / direction[axis]);
  for (;;) {
    const index = voxel.reduce((sum, cell, axis) => sum + cell * stride[axis], 0);
    if (solid[index]) return {index, voxel, face};
    let axis = next[1] < next[0] ? 1 : 0;
    if (next[2] < next[axis]) axis = 2;
    const step = direction[axis] > 0 ? 1 : -1;
    voxel[axis] += step;
    if (voxel[axis] < 0 || voxel[axis] >= shape[axis]) return null;
    next[axis] = (voxel[axis] + (step > 0 ? 1 : 0) - origin[axis]) / direction[axis];
    face = 2 * axis + (step < 0 ? 1 : 0);
  }
}
