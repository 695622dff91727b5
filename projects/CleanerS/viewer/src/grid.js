// The voxel grid: indices and places. Grid coordinates are in voxels along
// (sideways, height, depth); three.js gets (sideways, height, -depth), which
// is right-handed with the height upwards.

/** Steps of the flat index along the three axes. */
export function strides(shape) {
  return [shape[1] * shape[2], shape[2], 1];
}

/** Voxel [i, j, k] of a flat index. */
export function unravel(index, shape) {
  const [first, second] = strides(shape);
  const rest = index % first;
  return [Math.floor(index / first), Math.floor(rest / second), rest % second];
}

/** Grid coordinates of a vector of three.js, and back (the same rule). */
export function flip([x, y, z]) {
  return [x, y, -z];
}

/** World X, Y, Z in metres of grid coordinates. */
export function toWorld([i, j, k], scene) {
  const [x, y, z] = scene.voxelOrigin;
  const size = scene.voxelSize;
  return [x + size * i, y + size * k, z + size * j];
}

/** Grid coordinates of a world point in metres. */
export function toGrid([x, y, z], scene) {
  const origin = scene.voxelOrigin;
  const size = scene.voxelSize;
  return [(x - origin[0]) / size, (z - origin[2]) / size,
          (y - origin[1]) / size];
}
