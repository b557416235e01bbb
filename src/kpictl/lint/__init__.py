"""What is allowed and often regretted: remarks on a plan, and signs in its data.

A rule is one function and one line on its shelf; its id is the name under which a plan turns it
off, its text is `lint.ID` in the words.
"""
