"""The open pipeline: which deals need somebody, what will come, and whether what is foretold holds."""
