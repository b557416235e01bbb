"""Everything that is only Bitrix24: the REST door, the pull, and reading what was pulled."""
