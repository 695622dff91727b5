"""Networks and scenes for other programs: exports, messages of ROS 2."""
