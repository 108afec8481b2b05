"""Which partition a key belongs to: the same answer for every backend, and for every Kafka client."""

from functools import lru_cache

from kafka.partitioner.default import murmur2  # type: ignore[import-untyped]


@lru_cache(maxsize=16_384)
def partition_of(key: str, partitions: int) -> int:
    """Return the key's partition as Kafka's own default partitioner places it (murmur2).

    Cached because the hash is computed in Python, some 10 µs a key, and streams come again and again.
    """
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % partitions)
