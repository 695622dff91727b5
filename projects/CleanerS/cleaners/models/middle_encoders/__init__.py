from .tsdf_encoder import TSDFEncoder

__all__ = ['TSDFEncoder']
