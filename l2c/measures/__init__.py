"""What is measured, once: everything above counts, sums, compares and draws it."""
