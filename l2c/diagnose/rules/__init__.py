"""Which rules are broken, and what shows it?"""
