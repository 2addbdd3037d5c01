"""What all tests share: laws are tried on the same examples in every run, however long they take.

To look further than CI does: `python3 x.py test --hypothesis-profile=search`.
"""

from hypothesis import settings

settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("ci")
