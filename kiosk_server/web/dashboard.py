"""The table of pages, and how they join the application. Who is not in a page's cell does not get the page."""

from typing import Final

from fastapi import FastAPI

from kiosk_server.services.house import House
from kiosk_server.web import codes, conflicts, kiosks, live, registration, sign_in, visits, windows
from kiosk_server.web.files import FILES
from kiosk_server.web.pages import (
    KIOSK_KEEPERS,
    KIOSK_READERS,
    RECEPTION,
    STAFF,
    VISIT_READERS,
    VISIT_WRITERS,
    Page,
)
from kiosk_server.web.shell import add_page

PAGES: Final[tuple[Page, ...]] = (
    *FILES,
    Page("GET", "/sign-in", "everybody", sign_in.show),
    Page("POST", "/sign-in", "everybody", sign_in.submit),
    Page("POST", "/sign-out", STAFF, sign_in.leave),
    Page("GET", "/", STAFF, sign_in.home),
    Page("GET", "/live", STAFF, live.stream),
    Page("GET", "/visits", VISIT_READERS, visits.show_list),
    Page("POST", "/visits", VISIT_WRITERS, registration.register),
    Page("GET", "/visits/new", VISIT_WRITERS, registration.show),
    Page("GET", "/visits/{visit}", VISIT_READERS, visits.show),
    Page("GET", "/visits/{visit}/code.png", VISIT_WRITERS, codes.png),
    Page("GET", "/visits/{visit}/code.svg", VISIT_WRITERS, codes.svg),
    Page("GET", "/visits/{visit}/print", VISIT_WRITERS, codes.print_page),
    Page("GET", "/visits/{visit}/cancel", VISIT_WRITERS, visits.ask_cancel),
    Page("POST", "/visits/{visit}/cancel", VISIT_WRITERS, visits.cancel),
    Page("POST", "/visits/{visit}/check-in", RECEPTION, visits.check_in),
    Page("POST", "/visits/{visit}/check-out", RECEPTION, visits.check_out),
    Page("GET", "/conflicts", RECEPTION, conflicts.show),
    Page("POST", "/conflicts/{visit}", RECEPTION, conflicts.settle),
    Page("GET", "/kiosks", KIOSK_READERS, kiosks.show_list),
    Page("GET", "/kiosks/window", KIOSK_KEEPERS, windows.show),
    Page("POST", "/kiosks/window", KIOSK_KEEPERS, windows.open_window),
    Page("GET", "/kiosks/{kiosk}", KIOSK_READERS, kiosks.show),
    Page("POST", "/kiosks/{kiosk}/name", KIOSK_KEEPERS, kiosks.rename),
    Page("GET", "/kiosks/{kiosk}/revoke", KIOSK_KEEPERS, kiosks.ask_revoke),
    Page("POST", "/kiosks/{kiosk}/revoke", KIOSK_KEEPERS, kiosks.revoke),
)


def add_dashboard(app: FastAPI, house: House) -> None:
    """Add every page to the application that serves the API."""
    for page in PAGES:
        add_page(app.router, house, page)
