"""What becomes of leads, quotes and discounts?"""
