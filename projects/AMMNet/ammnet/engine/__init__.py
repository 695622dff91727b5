"""What runs beside the training of the package's models."""
