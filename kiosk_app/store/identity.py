"""Who this kiosk is: what pairing brought, and the trust documents and settings that are renewed later."""

from kiosk_app.core.checkin import Identity, PairingRecord
from kiosk_app.core.errors import StoreError, StoreFault
from kiosk_app.store.database import Database
from kiosk_protocol.errors import ProtocolError
from kiosk_protocol.identifiers import DeviceId, SiteId, TenantId
from kiosk_protocol.messages import Envelope, SiteConfiguration, decode, encode
from kiosk_protocol.trust import restore


def load(database: Database) -> Identity | None:
    """Return the stored identity, its trust verified again; None while unpaired.

    Raises:
        StoreError: ``DAMAGED`` where the stored documents no longer verify.
    """
    found = database.row(
        "SELECT device, tenant, site, base_url, ca_certificate, device_token, device_key, configuration, root, bundle"
        " FROM identity JOIN trust USING (one)"
    )
    if found is None:
        return None
    device, tenant, site, base_url, ca_certificate, token, key, configuration, root, bundle = found
    try:
        trust = restore(decode(root, Envelope), decode(bundle, Envelope), TenantId(tenant))
        settings = decode(configuration, SiteConfiguration)
    except ProtocolError:
        raise StoreError(StoreFault.DAMAGED) from None
    return Identity(
        DeviceId(device), TenantId(tenant), SiteId(site), base_url, ca_certificate, token, key, settings, trust
    )


def stamp(database: Database) -> tuple[bytes, ...] | None:
    """Return what changes whenever :func:`load` would answer otherwise, without verifying anything."""
    found = database.row(
        "SELECT device, device_token, configuration, root, bundle FROM identity JOIN trust USING (one)"
    )
    return None if found is None else tuple(found)


def store(database: Database, record: PairingRecord) -> None:
    """Store a pairing inside the caller's transaction."""
    database.execute(
        "INSERT OR REPLACE INTO identity (one, device, tenant, site, base_url, ca_certificate, device_token,"
        " device_key, configuration, paired_at_ms) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            record.device,
            record.tenant,
            record.site,
            record.base_url,
            record.ca_certificate,
            record.device_token,
            record.device_key,
            encode(record.configuration),
            record.paired_at_ms,
        ),
    )
    store_trust(database, record.root, record.bundle)


def store_trust(database: Database, root: Envelope, bundle: Envelope) -> None:
    """Store the trust documents inside the caller's transaction."""
    database.execute(
        "INSERT OR REPLACE INTO trust (one, root, bundle) VALUES (1, ?, ?)", (encode(root), encode(bundle))
    )


def store_configuration(database: Database, configuration: SiteConfiguration) -> None:
    """Store newer settings of the site."""
    database.execute("UPDATE identity SET configuration = ?", (encode(configuration),))


def replace_token(database: Database, old: str, new: str) -> None:
    """Replace the device token, if it is still the one that was renewed."""
    database.execute("UPDATE identity SET device_token = ? WHERE device_token = ?", (new, old))


def note_former(database: Database, revocation: Envelope, at_ms: int) -> None:
    """Note who this kiosk was and whose word ended it, inside the caller's transaction."""
    database.execute(
        "INSERT OR REPLACE INTO former_pairings"
        " (device, tenant, base_url, ca_certificate, device_key, revocation, revoked_at_ms)"
        " SELECT device, tenant, base_url, ca_certificate, device_key, ?, ? FROM identity",
        (encode(revocation), at_ms),
    )


def forget_former(database: Database, device: str) -> None:
    """Forget that this kiosk once was ``device``: all that waited is handed over."""
    database.execute("DELETE FROM former_pairings WHERE device = ?", (device,))


def was_revoked(database: Database) -> bool:
    """Whether this kiosk is unpaired because it was revoked, and not because staff unpaired it later."""
    if database.row("SELECT 1 FROM identity") is not None:
        return False
    last = database.row(
        "SELECT event FROM audit_log WHERE event IN ('paired', 'revoked', 'unpaired') ORDER BY id DESC LIMIT 1"
    )
    return bool(last == ("revoked",))
