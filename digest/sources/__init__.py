"""Where stories come from, one file a kind; `fetch` is the one guarded outbound client."""
