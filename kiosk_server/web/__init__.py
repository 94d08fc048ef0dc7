"""The dashboard: pages for the staff's browsers, rendered here, on the same services as the API."""
