"""Where do cases wait, for whom, how long?"""
