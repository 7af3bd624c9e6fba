"""The check of a connection: the token's owner, its workspaces and features, and the cost of a first run."""
