"""How a stream is synced: readers, the adapter to the SDK, Singer messages."""
