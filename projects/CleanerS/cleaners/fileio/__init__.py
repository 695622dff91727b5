"""Files of photos, depth, volumes and labels, read without trust."""
