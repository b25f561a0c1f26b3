"""Where boxes and lines stand on a map of the process."""
