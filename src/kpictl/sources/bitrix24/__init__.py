"""The REST door of a Bitrix24 portal: listings, limits, faults and the key."""
