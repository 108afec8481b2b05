"""Both backends place a key alike, and as every Kafka client does."""

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.messaging.partitioner import partition_of

# Hashes of the Java client's own tests (UtilsTest.testMurmur2), as partitions of 2**31: the sign bit is dropped.
JAVA = {"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536}


def test_a_key_is_placed_where_the_java_client_places_it() -> None:
    for key, murmur in JAVA.items():
        assert partition_of(key, 12) == (murmur & 0x7FFFFFFF) % 12


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 50))
def test_every_key_has_one_partition(key: str, partitions: int) -> None:
    assert partition_of(key, partitions) == partition_of(key, partitions)
    assert 0 <= partition_of(key, partitions) < partitions
