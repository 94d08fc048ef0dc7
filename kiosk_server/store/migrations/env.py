"""Alembic's entry: runs the versions on the connection handed in, in its transaction."""

from alembic import context

config = context.config
context.configure(
    connection=config.attributes["connection"],
    transactional_ddl=True,
    app_role=config.attributes["app_role"],
)
with context.begin_transaction():
    context.run_migrations()
