"""Signing in at a city's identity provider (统一身份认证) by OpenID Connect; Keycloak's behaviour is the reference."""
