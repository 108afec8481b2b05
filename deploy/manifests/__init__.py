"""What a city runs, derived from the declarations of the services: written for Kubernetes, Compose and Prometheus."""
