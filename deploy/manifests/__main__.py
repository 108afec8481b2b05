"""``python -m deploy.manifests write|addresses``: write the files; or tell where a composed city is to be found."""

import sys

from deploy.manifests import compose
from deploy.manifests.files import files, stale


def main(arguments: list[str]) -> int:
    """Do what is asked."""
    if arguments == ["write"]:
        for path, text in files().items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        for path in stale():
            path.unlink()
    elif arguments == ["addresses"]:
        for name, address in compose.addresses().items():
            sys.stdout.write(f"{name}\t{address}\n")
    else:
        sys.stderr.write("python -m deploy.manifests write|addresses\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
