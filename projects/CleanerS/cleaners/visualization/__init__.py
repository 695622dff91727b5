"""Pictures and meshes of voxels, frames and errors; no display needed."""
