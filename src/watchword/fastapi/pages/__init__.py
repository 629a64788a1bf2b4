"""The hosted pages: templates, texts, looks, and the headers they leave with. Loaded where there is a provider only."""
