#!/bin/sh
# Fetches papers, delivers alerts, writes the site into the folder @SITE@ and pushes what is new.
# Written by `papertrack publish --cron`. In a crontab:
#
#   @MINUTE@ 6 * * * @SCRIPT@
#
# Secrets that the configuration names with _env are set in the crontab or in a file that it reads.
set -eu
cd "$(dirname "$0")"
exec 9>.git/papertrack.lock
flock 9 # a run waits for the one before
git pull --quiet --rebase --autostash || echo "cannot pull: going on with what is here"

@UPDATE@

@COMMIT@
