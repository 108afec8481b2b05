"""Topics: the port, Apache Kafka behind it, and the durable in-process bus behind it."""
