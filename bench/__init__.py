"""What the tap costs: in requests, in time, and in memory."""
