"""What is said, in English and Japanese: names of activities and attributes, phrases, notes, errors."""
