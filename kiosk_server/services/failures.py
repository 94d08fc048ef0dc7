"""What can go wrong with the server's surroundings.

    SurroundingsError
    ├── StoreError
    │   ├── DatabaseUnreachableError  SRV-1  no connection, or it broke
    │   ├── DatabaseFullError         SRV-2  the database's disk is full
    │   ├── DatabaseForeignError      SRV-3  roles, rights or schema are not as ours must be
    │   └── SchemaNewerError          SRV-4  a newer version of this program wrote the schema
    ├── MasterKeyError                SRV-5  the master key is missing, foreign or readable by others
    ├── PortTakenError                SRV-6  another program listens on the port
    ├── AddressUnusableError          SRV-7  the address is not this machine's, or the port not ours to use
    ├── SettingsError                 SRV-8  a setting cannot be read
    └── DataFolderError               SRV-10 the data folder cannot be written (SRV-9 is a mistake of our own)

Each carries its stable code and data; the sentences for people are :mod:`kiosk_server.cli.failures`' matter.
"""

from typing import ClassVar


class SurroundingsError(Exception):
    """Base of all of them.

    Attributes:
        code: Short stable code that leads to the runbook.
        detail: What the log may say; never a credential or a row's value.
    """

    code: ClassVar[str]

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class StoreError(SurroundingsError):
    """The database is not usable."""


class DatabaseUnreachableError(StoreError):
    """There is no connection to PostgreSQL, or it broke in the middle."""

    code = "SRV-1"


class DatabaseFullError(StoreError):
    """PostgreSQL has no space left; what was being written is rolled back."""

    code = "SRV-2"


class DatabaseForeignError(StoreError):
    """The database's roles or rights are not such that tenants would be kept apart."""

    code = "SRV-3"


class SchemaNewerError(StoreError):
    """The schema was written by a newer version; an older one must not touch it."""

    code = "SRV-4"


class MasterKeyError(SurroundingsError):
    """The master key file is missing, foreign, or readable by others."""

    code = "SRV-5"


class PortTakenError(SurroundingsError):
    """Another program listens on the port."""

    code = "SRV-6"


class AddressUnusableError(SurroundingsError):
    """The address is not this machine's, or the port is not ours to use."""

    code = "SRV-7"


class SettingsError(SurroundingsError):
    """A flag or variable cannot be read."""

    code = "SRV-8"


class DataFolderError(SurroundingsError):
    """The data folder cannot be made, read or written; ``detail`` says what the system said."""

    code = "SRV-10"
