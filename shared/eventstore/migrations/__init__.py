"""Alembic's environment of the kernel's durable tables: the same in every context's database."""
