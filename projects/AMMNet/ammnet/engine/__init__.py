"""How the package's models are trained, and what runs beside that."""
