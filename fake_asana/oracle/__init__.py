"""What a complete read of the world holds, and what changed since."""
