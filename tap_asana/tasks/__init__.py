"""Tasks and their children, by list, search or export."""
