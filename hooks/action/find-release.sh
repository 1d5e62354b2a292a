#!/usr/bin/env bash
# The first step of action.yml: which release to install, and from where to where.
set -euo pipefail

# The Action's own repository has the releases. A local one (uses: ./hooks/action) is in the repository of the job.
repository=${SPACESYNC_REPOSITORY:-${ACTION_REPOSITORY:-${GITHUB_REPOSITORY:-}}}
version=$INPUT_VERSION
if [ -z "$version" ] && [[ ${ACTION_REF:-} =~ ^v[0-9]+\.[0-9]+\.[0-9]+ ]]; then version=$ACTION_REF; fi

found=$(sh "$GITHUB_ACTION_PATH/../install.sh" --show --repository "$repository" ${version:+--version "$version"}) || {
  echo "::error title=spacesync::no release was found in ${repository:-any repository}; set the input version to one that exists"
  exit 1
}
{
  printf '%s\n' "$found"
  printf 'repository=%s\nprefix=%s\ncache=%s\n' "$repository" "$RUNNER_TEMP/spacesync" "$RUNNER_TEMP/spacesync-download"
} >>"$GITHUB_OUTPUT"
# For later steps of the job.
printf '%s\n' "$RUNNER_TEMP/spacesync/bin" >>"$GITHUB_PATH"
