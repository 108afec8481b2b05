"""What stops the engines, each with a stable code and one sentence for the reader."""


class EngineError(Exception):
    """A reason why an engine cannot be fetched, started or stopped.

    ``code`` is stable kebab-case, the message one clear sentence in Chinese.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


OTHER_WAY = "也可以改用容器：docker compose -f deploy/compose.yaml up"
