#!/usr/bin/env bash
# Installs what this project needs on a Debian or Ubuntu controller. Running it again is quick and changes nothing.
#   scripts/setup.sh            the virtual environment .venv, with everything for the playbooks, tests and linters
#   scripts/setup.sh --system   besides, the Debian packages for the stand-in room, for burning discs and for printing
#   scripts/setup.sh --burner   and those for the virtual machine with a DVD+R drive
#   scripts/setup.sh --bench    and what make bench-results measures against
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n%s\n' "$1" "$2" >&2; }
stop() { say "错误: $1" "ERROR: $2"; exit 1; }

system_packages() {
    local packages=(python3 python3-venv podman runc netavark aardvark-dns iproute2 iptables mmdebstrap xorriso openssh-client
        libarchive-tools libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk fonts-noto-color-emoji poppler-utils)
    packages+=("$@")
    local missing=()
    for package in "${packages[@]}"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ "${#missing[@]}" -eq 0 ] && return
    command -v apt-get >/dev/null || stop "需要 Debian 或 Ubuntu（找不到 apt-get）。" "Debian or Ubuntu is needed (no apt-get found)."
    [ "$(id -u)" -eq 0 ] || stop "需要 root 权限来安装: ${missing[*]}。请用 sudo make … 运行。" \
        "root is needed to install: ${missing[*]}. Run sudo make …"
    say "正在安装系统软件包: ${missing[*]}" "Installing system packages: ${missing[*]}"
    apt-get update -q >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" >/dev/null
}

virtual_environment() {
    local wanted
    wanted=$(cat requirements.txt requirements-dev.txt constraints.txt | sha256sum | cut -d' ' -f1)
    [ "$(cat .venv/installed 2>/dev/null)" = "$wanted" ] && return
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || stop "需要 Python 3.11 或更高版本。" "Python 3.11 or newer is needed."
    python3 -c 'import ensurepip' 2>/dev/null || stop "缺少 python3-venv，请运行 make setup。" "python3-venv is missing: run make setup."
    say "正在安装 Python 软件包（约一分钟）" "Installing Python packages (about a minute)"
    rm -rf .venv
    # make puts .venv/bin first: forget the python3 that was just removed.
    hash -r
    python3 -m venv .venv
    .venv/bin/pip install -qq --disable-pip-version-check -r requirements-dev.txt -c constraints.txt
    printf '%s\n' "$wanted" > .venv/installed
}

case "${1:-}" in
    --system) system_packages ;;
    --burner) system_packages qemu-system-x86 ;;
    --bench) system_packages smbclient ;;
esac
virtual_environment
