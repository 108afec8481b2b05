"""Alembic's entry: runs on the connection that ``shared.eventstore.migrate`` hands over."""

from alembic import context

from shared.eventstore.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
