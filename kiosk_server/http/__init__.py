"""The API under ``/api/v1``: from requests to services and back."""
