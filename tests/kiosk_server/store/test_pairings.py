"""Pairing and the database: the former suite's schema becomes the present one, and tries outlive the server."""

from dataclasses import replace

import psycopg

from kiosk_server.postgres import ConnectionAddress
from kiosk_server.store.provision import provision, read_url
from kiosk_server.store.vault import AesVault
from tests.kiosk_server.support import HandKiosk, execute, new_world

VAULT = AesVault(b"m" * 32)
UNDO_PAIRING = (
    "ALTER TABLE visit_tokens DROP CONSTRAINT visit_tokens_site_id_of_tenant",
    "ALTER TABLE visit_tokens DROP CONSTRAINT visit_tokens_kid_of_tenant",
    "ALTER TABLE events DROP CONSTRAINT events_site_id_of_tenant, DROP CONSTRAINT events_visitor_id_of_tenant",
    "ALTER TABLE visits DROP CONSTRAINT visits_arrival_check_in_of_tenant, DROP CONSTRAINT visits_created_by_of_tenant",
    "DROP TABLE quarantine",
    "ALTER TABLE pairing_windows DROP COLUMN name",
    "ALTER TABLE pairing_runs DROP COLUMN root_hash, DROP COLUMN sealed_keys",
    "ALTER TABLE pairing_runs ADD COLUMN sid text NOT NULL, ADD COLUMN knows_code boolean NOT NULL",
    "ALTER TABLE pairing_runs ADD COLUMN server_share text NOT NULL, ADD COLUMN sealed_code bytea NOT NULL",
    "UPDATE alembic_version SET version_num = '0004'",
)
"""What brings a database without pairing runs back to the schema before."""

OLD_RUN = """
    INSERT INTO pairing_runs
        (tenant_id, id, site_id, sid, kiosk_key, name, knows_code, server_share, sealed_code, started_at)
    VALUES (%s, %s, %s, 's', 'k', 'Lobby', true, 's', '', now())
"""


def test_runs_of_the_former_suite_end_with_the_upgrade(database: ConnectionAddress) -> None:
    """Their kiosks begin again, at a window that stays open; row-level security is forced as before."""
    url = read_url(database.url())
    archive = provision(url, VAULT)
    world = new_world(archive, 1)
    opened = world.window()
    archive.close()
    with psycopg.connect(database.url(), autocommit=True) as connection:
        for statement in UNDO_PAIRING:
            connection.execute(statement.encode())
        connection.execute(OLD_RUN, (world.tenant.id, "R" * 22, world.site.id))
    archive = provision(url, VAULT)
    with archive.of(world.tenant.id) as records:
        assert execute(records, "SELECT count(*) FROM pairing_runs") == [(0,)]
        assert execute(records, "SELECT relforcerowsecurity FROM pg_class WHERE relname = 'pairing_runs'") == [(True,)]
    later = replace(world, house=replace(world.house, archive=archive))
    HandKiosk(later, world.site.id).pair(opened.code)
    archive.close()


def test_tries_are_counted_across_a_restart(database: ConnectionAddress) -> None:
    """Three before, two after: the sixth fails although it is right."""
    url = read_url(database.url())
    archive = provision(url, VAULT)
    world = new_world(archive, 1)
    opened = world.window()
    wrong = "000000" if opened.code != "000000" else "000001"
    for _ in range(3):
        HandKiosk(world, world.site.id).start(wrong)
    archive.close()
    archive = provision(url, VAULT)
    later = replace(world, house=replace(world.house, archive=archive))
    for _ in range(2):
        HandKiosk(later, world.site.id).start(wrong)
    sixth = HandKiosk(later, world.site.id)
    sixth.start(opened.code)
    assert sixth.confirm().status_code == 403
    archive.close()
