"""The study with people: which of two pictures has the real colors?"""
