"""When does the money come in?"""
