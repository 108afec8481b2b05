#!/usr/bin/env bash
# Looks at the project from outside: dangerous ways of writing, secrets that were kept, known vulnerabilities of what is
# installed. Each says what it found, or that it could not look; only the last may be unable to.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv-security/bin
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

echo "代码中的危险写法（bandit，中等以上）"
"$bin/bandit" --quiet --severity-level medium --confidence-level medium --recursive services shared deploy
echo "  没有发现"

echo "误存的密钥（detect-secrets；看过并确认不是密钥的记在 .secrets.baseline）"
cp .secrets.baseline "$scratch/baseline"
mapfile -d '' -t files < <(git ls-files -z)
status=0
"$bin/detect-secrets-hook" --no-verify --baseline "$scratch/baseline" "${files[@]}" > "$scratch/secrets" 2>&1 || status=$?
# 3 says only that a known finding moved to another line.
if [ "$status" -ne 0 ] && [ "$status" -ne 3 ]; then
    cat "$scratch/secrets"
    echo "  是密钥：删去并更换。不是：.venv-security/bin/detect-secrets scan --baseline .secrets.baseline，再用 audit 逐条确认。" >&2
    exit 1
fi
echo "  ${#files[@]} 个文件，没有新的发现"

echo "依赖的已知漏洞（pip-audit）"
"$bin/python" -m deploy.known_vulnerabilities requirements.lock requirements-dev.lock
