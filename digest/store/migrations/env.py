"""How Alembic runs our scripts: on the connection that `digest.store.migrate` hands over."""

from alembic import context

from digest.store.tables import Row

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Row.metadata,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
