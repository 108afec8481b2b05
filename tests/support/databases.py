"""Databases that several tests use one after the other: dropping one takes a server-wide checkpoint each time."""

from sqlalchemy import NullPool, create_engine, text


def emptied(url: str) -> str:
    """Delete everything in the PostgreSQL database; return its address."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    return url
