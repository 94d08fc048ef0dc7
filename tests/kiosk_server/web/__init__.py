"""The dashboard, page by page, as a browser meets it."""
