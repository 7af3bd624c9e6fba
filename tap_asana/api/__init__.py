"""HTTP to Asana: requests, retries, limits, tokens. It knows no Singer."""
