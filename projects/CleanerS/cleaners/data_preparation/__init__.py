"""From raw data to the files that the data sets read."""
