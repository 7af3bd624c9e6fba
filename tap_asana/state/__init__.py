"""Singer state: windows, bookmarks, visible parents, debts, sync tokens."""
