"""Where a database is reached, in parts and as one URL."""

from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True)
class ConnectionAddress:
    """How to connect over the unix socket.

    Attributes:
        host: Folder of the socket. It is valid in this process only (it may go through an open file
            descriptor), so never store it or hand it to another process.
        port: Number in the socket's name; nothing listens on a network.
        user: The bootstrap superuser. Row-level security does not bind it: make roles, then use those.
        password: Kept out of ``repr``.
        database: The product's database.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str

    def with_database(self, database: str) -> "ConnectionAddress":
        """Return the same server's other database."""
        return replace(self, database=database)

    def with_role(self, user: str, password: str) -> "ConnectionAddress":
        """Return the same database for another role."""
        return replace(self, user=user, password=password)

    def url(self, scheme: str = "postgresql") -> str:
        """Return a URL that libpq and SQLAlchemy read alike (e.g. scheme ``postgresql+psycopg``).

        It contains the password: not for logs.
        """
        place = urlencode({"host": self.host, "port": self.port}, quote_via=quote, safe="/")
        credentials = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        return f"{scheme}://{credentials}@/{quote(self.database, safe='')}?{place}"
