from .ssc_data_preprocessor import SSCDataPreprocessor

__all__ = ['SSCDataPreprocessor']
