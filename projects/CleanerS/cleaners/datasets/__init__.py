"""Data sets, their transforms, and what is known of NYU."""
