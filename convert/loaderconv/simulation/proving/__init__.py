"""Two loaders side by side: does the converted one do to the same machine what its source does?"""
