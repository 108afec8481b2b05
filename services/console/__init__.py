"""The console people meet: server-rendered pages over the other services' HTTP APIs."""
