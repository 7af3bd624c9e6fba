"""Workspaces, users, projects and the other parents: each list is fetched once a run."""
