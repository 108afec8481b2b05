#!/usr/bin/env bash
# Makes sure that a Chromium and a Chinese font are here; installs both on Debian when run by root.
set -euo pipefail

have_browser() {
    command -v chromium || command -v chromium-browser || command -v google-chrome
} > /dev/null

have_font() {
    command -v fc-list > /dev/null && [ -n "$(fc-list :lang=zh)" ]
}

if have_browser && have_font; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends \
        chromium fonts-noto-cjk fontconfig
    exit 0
fi
have_browser || {
    echo "未找到 Chromium：请安装 chromium 和中文字体（Debian：apt-get install chromium fonts-noto-cjk）" >&2
    exit 1
}
echo "未找到中文字体，截图中的汉字可能无法显示（Debian：apt-get install fonts-noto-cjk）" >&2
