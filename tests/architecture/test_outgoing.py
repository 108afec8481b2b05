"""Where the platform may go out to: never where a request says (server-side request forgery)."""

import ast

from tests.architecture.sources import calls, imports, parsed, python, shown

PRODUCT = ("services", "shared")
GOING_OUT = {
    "aiohttp", "ftplib", "http.client", "imaplib", "paramiko", "poplib", "pycurl", "requests", "smtplib", "socket",
    "telnetlib", "urllib.request", "urllib3", "websockets", "xmlrpc.client",
}  # fmt: skip
"""Modules that open connections, beside httpx. Those of engines are held in their layers by the import contracts."""

SPEAKERS = {
    "shared/http/client.py": "the other services, at the addresses of the settings",
    "services/runtime/principals.py": "the access service, at the address of the settings",
    "services/access/oidc/exchange.py": "the identity provider, at the configured issuer's own addresses",
}
"""The only files that open an HTTP connection, and to whom."""

ANSWERS = {"services/console/session.py", "services/console/pages/oidc.py"}
"""Files that name httpx for the type of an answer alone."""

KAFKA = "shared/messaging/kafka_client.py: socket"
"""Tries whether a broker of the settings can be reached, before the library is let at it."""

OPENING = {
    "httpx.Client", "httpx.AsyncClient", "httpx.get", "httpx.post", "httpx.put", "httpx.patch", "httpx.delete",
    "httpx.head", "httpx.options", "httpx.request", "httpx.stream",
}  # fmt: skip


def test_only_named_files_speak_to_others_over_http() -> None:
    importing = {shown(p) for p in python(*PRODUCT) if any(name.split(".")[0] == "httpx" for name in imports(p))}
    assert importing == SPEAKERS.keys() | ANSWERS
    opening = {shown(p) for p in python(*PRODUCT) for name, _ in calls(p) if name in OPENING}
    assert opening == set(SPEAKERS)


def test_nothing_else_that_opens_connections_is_used() -> None:
    used = [f"{shown(p)}: {name}" for p in python(*PRODUCT) for name in imports(p) if name in GOING_OUT]
    assert used == [KAFKA]


def test_no_redirect_is_followed_and_no_proxy_of_the_environment_is_asked_for_outsiders() -> None:
    followed = [
        shown(path, call.lineno)
        for path in python(*PRODUCT)
        for _, call in calls(path)
        for given in call.keywords
        if given.arg == "follow_redirects"
    ]
    assert followed == []
    (provider,) = (p for p in python("services") if shown(p) == "services/access/oidc/exchange.py")
    (opened,) = (call for name, call in calls(provider) if name == "httpx.Client")
    assert {k.arg: ast.unparse(k.value) for k in opened.keywords}["trust_env"] == "False"


def test_no_body_nor_query_of_an_api_takes_an_address_to_fetch() -> None:
    """A field that is called so would be the first step; a link that somebody writes down is text, and never asked."""
    suspicious = {"url", "uri", "href", "callback", "webhook", "endpoint", "redirect_uri", "image_url"}
    named = [
        shown(path, argument.lineno)
        for path in python("services")
        if path.name.endswith(("_api.py", "schemas.py")) or path.name == "api.py" or "pages" in path.parts
        for node in ast.walk(parsed(path))
        for argument in _names(node)
        if argument.arg in suspicious
    ]
    assert named == []


def _names(node: ast.AST) -> list[ast.arg]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return [*node.args.args, *node.args.kwonlyargs]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [ast.arg(node.target.id, lineno=node.lineno)]
    return []
