#!/bin/sh
# The page tests drive Debian's Chromium and read its PDF with poppler's pdftotext. Install what is missing where that
# is allowed; else say in one line what to install.
missing=""
command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || missing="chromium"
command -v pdftotext >/dev/null 2>&1 || missing="$missing poppler-utils"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  # shellcheck disable=SC2086
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null && exit 0
fi
echo "For the page tests install these Debian packages: $missing. Without them they are skipped." >&2
exit 0
