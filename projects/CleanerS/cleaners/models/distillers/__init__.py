from .cleaner_distiller import CleanerDistiller

__all__ = ['CleanerDistiller']
