"""What this service's queries are asked with, as those of other services are."""

from shared.http.parameters import AfterToken, AsOf, IdParameter, today

__all__ = ["AfterToken", "AsOf", "IdParameter", "today"]
