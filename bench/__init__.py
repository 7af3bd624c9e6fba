"""Measure the requests, the speed and the memory of the tap."""
