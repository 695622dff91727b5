from .ssc_eval import sc_counts, scores_from_counts, ssc_confusion

__all__ = ['sc_counts', 'scores_from_counts', 'ssc_confusion']
