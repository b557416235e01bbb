"""The REST door of a Bitrix24 portal: access, transport, limits, batches, pages and faults."""
