"""Pure functions on arrays: cameras, voxel grids, rays, distance fields."""
