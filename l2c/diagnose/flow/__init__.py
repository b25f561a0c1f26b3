"""Which ways do the cases take, and which of them cost?"""
