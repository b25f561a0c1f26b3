"""Who does what, and where would a talk help?"""
