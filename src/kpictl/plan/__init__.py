"""The plan: YAML → checked, frozen values, with every mistake at once."""
