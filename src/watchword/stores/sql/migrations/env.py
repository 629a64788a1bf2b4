"""Alembic's entry point: runs the migrations on the connection that `schema.migrate` hands over, in its transaction."""

from alembic import context

from watchword.stores.sql.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
