"""A visit's code: to show, to save, to print."""

from starlette.responses import Response

from kiosk_server.domain.problems import NotFoundError
from kiosk_server.domain.records import VisitState
from kiosk_server.qr import code_png, code_svg
from kiosk_server.services import visits
from kiosk_server.services.visits import VisitStory
from kiosk_server.web.pages import Ask
from kiosk_server.web.render import page
from kiosk_server.web.visits import require_change


def png(ask: Ask) -> Response:
    """Return the code as PNG."""
    return Response(code_png(_token(ask)), media_type="image/png", headers=_named("png", ask))


def svg(ask: Ask) -> Response:
    """Return the code as SVG."""
    return Response(code_svg(_token(ask)), media_type="image/svg+xml", headers=_named("svg", ask))


def print_page(ask: Ask) -> Response:
    """Show a sheet to print: the code, for whom, when and where."""
    visit = _live(ask).visit
    with ask.house.archive.of(ask.who.tenant) as records:
        site = records.sites.get(visit.site)
    return page(ask, "print.html", visit=visit, site=site)


def _token(ask: Ask) -> str:
    return visits.code_of(ask.house, ask.who.tenant, _live(ask).visit.id)


def _live(ask: Ask) -> VisitStory:
    """Return the visit if its code still opens a door."""
    story = require_change(ask)
    if story.visit.state is not VisitState.PRE_REGISTERED or story.visit.departure <= ask.house.now():
        raise NotFoundError("no_code", "This visit has no code any more: it is used, cancelled or over.")
    return story


def _named(kind: str, ask: Ask) -> dict[str, str]:
    # The name of the file names nobody: it lands in folders that others look into.
    how = "attachment" if "save" in ask.query else "inline"
    return {"Content-Disposition": f'{how}; filename="visit-code.{kind}"'}
