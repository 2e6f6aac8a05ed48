# Sourced by ./demo and ./test from the top of the tree: what must be there before Python starts.
# Nothing is installed without saying first what, how large and how long.

readonly SYSTEM_PYTHON=/usr/bin/python3
readonly MISSING_PACKAGES=3 # exit status: the person has to run the printed line first
readonly ENVIRONMENT_MB=162 # download of requirements.lock, measured
readonly MB_PER_MINUTE=150  # 20 Mbit/s

say() { printf '%s\n' "$*"; }

# needed_packages GROUP...: "package kB purpose", one a line, without those that are installed.
needed_packages() {
  local group package size purpose
  while read -r group package size purpose; do
    case " $* " in *" $group "*) ;; *) continue ;; esac
    if [ "$group" = browser ] && a_browser_is_there; then continue; fi
    if ! is_installed "$package"; then say "$package $size $purpose"; fi
  done < <(grep -v '^#' installers/linux/packages.txt)
}

a_browser_is_there() { [ -n "$(command -v chromium firefox-esr firefox google-chrome)" ]; }

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# ensure_packages GROUP...: install what is missing, or say what to run and stop.
ensure_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "This is made for Debian 12 and its relatives; here is no dpkg."
    say "What is needed stands in installers/linux/packages.txt."
    exit "$MISSING_PACKAGES"
  fi
  local needed
  needed=$(needed_packages "$@")
  if [ -z "$needed" ]; then return; fi
  announce_packages "$needed"
  local names
  mapfile -t names < <(cut -d' ' -f1 <<<"$needed")
  if [ "$(id -u)" -eq 0 ]; then
    installers/linux/install-packages "${names[@]}"
  elif command -v sudo >/dev/null && [ -t 0 ] && agrees; then
    sudo installers/linux/install-packages "${names[@]}"
  else
    say "Please run this line, then start again:"
    say ""
    say "  $(root_line "${names[@]}")"
    exit "$MISSING_PACKAGES"
  fi
}

announce_packages() {
  local kilobytes megabytes
  kilobytes=$(awk '{sum += $2} END {print sum}' <<<"$1")
  megabytes=$(((kilobytes + 999) / 1000))
  say "These Debian packages are missing:"
  awk '{size = $2; name = $1; $1 = $2 = ""; printf "  %-34s %6.1f MB %s\n", name, size / 1000, $0}' <<<"$1"
  say "At most $megabytes MB to download, about $((megabytes / MB_PER_MINUTE + 1)) minutes at 20 Mbit/s."
  say "No service is started."
  if [ ! -d .venv ]; then
    say "After that, without root: Python packages into .venv, $ENVIRONMENT_MB MB, about $((ENVIRONMENT_MB / MB_PER_MINUTE + 1)) minutes."
  fi
}

agrees() {
  local answer
  read -r -p "Install them now with sudo? [y/N] " answer
  [[ $answer =~ ^[yY] ]]
}

# root_line PACKAGE...: the line to run, by the way to root that this machine has.
root_line() {
  local installer
  installer=$(printf '%q' "$PWD/installers/linux/install-packages")
  if command -v sudo >/dev/null; then
    say "sudo $installer $*"
  else
    say "su -c \"$installer $*\""
  fi
}

# ensure_environment: .venv as requirements.lock says, hashes checked; skipped when it is.
ensure_environment() {
  local stamp=.venv/requirements.sha256 wanted
  wanted=$(cat requirements.lock pyproject.toml | sha256sum | cut -d' ' -f1)
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then return; fi
  say "Preparing .venv from requirements.lock …"
  if [ ! -x .venv/bin/pip ]; then "$SYSTEM_PYTHON" -m venv .venv; fi
  local pip=(.venv/bin/python -m pip --disable-pip-version-check --quiet)
  "${pip[@]}" install --require-hashes --only-binary :all: --requirement requirements.lock
  "${pip[@]}" install --no-deps --no-build-isolation --editable .
  say "$wanted" >"$stamp"
}
