"""The Open Data Contract Standard, 3.1: a contract as one, and one as contracts.

What both have words for is translated. What only a contract says goes into a custom property
called `pratique`, or into a custom check of that engine; what only the standard says is kept in
the contract below `odcs`. So neither way loses anything.
"""
