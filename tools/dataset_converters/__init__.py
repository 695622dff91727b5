"""Converters from raw data to what the data sets of CleanerS read."""
