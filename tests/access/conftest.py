"""The world of the matrix, made once a module."""

from collections.abc import Iterator

import pytest

from tests.access.world import World, world


@pytest.fixture(scope="module")
def the_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("matrix")) as made:
        yield made
