"""The declaration of the console: pages over the other services' APIs, no stream of its own."""

from services.console import install, pages
from shared.service import Service

SERVICE = Service(
    name="console",
    title="工作平台",
    routes=tuple(module.routes for module in pages.ALL),
    installs=(install.static_files, install.refusals),
)
