#!/usr/bin/env bash
# The last step of action.yml: runs `spacesync push` with the inputs.
set -euo pipefail

# annotate NAME TEXT: a workflow command (notice, warning, error).
annotate() {
  local text=${2//'%'/%25}
  text=${text//$'\r'/%0D}
  printf '::%s title=spacesync::%s\n' "$1" "${text//$'\n'/%0A}"
}

fail() {
  annotate error "$1"
  exit 2
}

# is_true NAME VALUE: an input that is true or false.
is_true() {
  case ${2,,} in
    true) return 0 ;;
    false | '') return 1 ;;
    *) fail "the input $1 is \"$2\"; it must be true or false" ;;
  esac
}

arguments=()

# add FLAG VALUE: nothing for an input that is not set.
add() { if [ -n "$2" ]; then arguments+=("$1" "$2"); fi; }

# add_lines FLAG LINES: the flag once for each line.
add_lines() {
  local line
  while IFS= read -r line; do
    line=${line%$'\r'}
    if [ -n "${line//[[:space:]]/}" ]; then arguments+=("$1" "$line"); fi
  done <<<"$2"
}

# The inputs of hub-sync. What differs: a commit is deployed, not the files of the job; the job waits for the build;
# edits made on the Space are not overwritten.
use_hub_sync_inputs() {
  [ -z "$INPUT_SPACE" ] || fail "the inputs space and huggingface_repo_id are the same; set one of them"
  case ${HUB_SYNC_TYPE:-space} in
    space) ;;
    *) fail "repo_type is $HUB_SYNC_TYPE, and spacesync deploys only to Spaces: keep hub-sync for this repository" ;;
  esac
  if [ -n "$HUB_SYNC_VERSION" ]; then annotate notice "hf_version has no effect: spacesync does not use hf"; fi
  INPUT_SPACE=$HUB_SYNC_SPACE
  INPUT_ROOT=${INPUT_ROOT:-$HUB_SYNC_ROOT}
  name_untracked_files
  create_as_hub_sync
}

# hub-sync uploads the files of the job, tracked or not.
name_untracked_files() {
  local path paths=() root=${INPUT_ROOT#./}
  root=${root%/}
  while IFS= read -r -d '' path; do paths+=("$path"); done < <(
    git ls-files -z --others --directory --no-empty-directory -- "${root:-.}" 2>/dev/null || true
  )
  [ ${#paths[@]} -gt 0 ] || return 0
  local text="not deployed, because Git does not track them (hub-sync uploads them): "
  for path in "${paths[@]:0:10}"; do text+=$'\n'"  $path"; done
  if [ ${#paths[@]} -gt 10 ]; then text+=$'\n'"  and $((${#paths[@]} - 10)) more"; fi
  text+=$'\n'"to deploy them, add to .spacesync:"$'\n'"  [space \"$INPUT_SPACE\"]"
  for path in "${paths[@]:0:10}"; do text+=$'\n'"      add = $path:${path#"${root:+$root/}"}"; done
  annotate notice "$text"
}

# space_sdk and private are for a Space that does not exist yet.
create_as_hub_sync() {
  local visibility=public
  if is_true private "$HUB_SYNC_PRIVATE"; then visibility=private; fi
  if GITHUB_ACTIONS='' "$SPACESYNC" status "$INPUT_SPACE" --quiet >/dev/null 2>&1; then return; fi
  # The outputs and the summary are those of the push.
  GITHUB_OUTPUT='' GITHUB_STEP_SUMMARY='' "$SPACESYNC" create "$INPUT_SPACE" --exist-ok --sdk "${HUB_SYNC_SDK:-gradio}" --visibility "$visibility"
  annotate notice "$INPUT_SPACE did not exist and was created; it is $visibility (input private)"
}

# Guards need to know whether the deployed commit is an ancestor: the commits of a shallow checkout are fetched, without
# their files.
deepen() {
  [ "$(git rev-parse --is-shallow-repository 2>/dev/null)" = true ] || return 0
  local wanted
  wanted=("$(git rev-parse HEAD)")
  case ${GITHUB_REF:-} in
    refs/heads/*) wanted+=("+$GITHUB_REF:refs/remotes/origin/${GITHUB_REF#refs/heads/}") ;;
  esac
  git fetch --quiet --no-tags --unshallow --filter=tree:0 origin "${wanted[@]}" ||
    annotate warning "the commits of this shallow checkout could not be fetched; set fetch-depth: 0 of actions/checkout"
}

if [ -n "$INPUT_TOKEN" ]; then export HF_TOKEN=$INPUT_TOKEN; fi
unset INPUT_TOKEN
deepen
if [ -n "$HUB_SYNC_SPACE" ]; then use_hub_sync_inputs; fi

read -r -a spaces <<<"${INPUT_SPACE//$'\n'/ }"
add --branch "$INPUT_BRANCH"
add --root "$INPUT_ROOT"
add_lines --include "$INPUT_INCLUDE"
add_lines --exclude "$INPUT_EXCLUDE"
add --sdk "$INPUT_SDK"
if is_true create "$INPUT_CREATE"; then arguments+=(--create); fi
add --visibility "$INPUT_VISIBILITY"
add --timeout "$INPUT_TIMEOUT"
if ! is_true wait "${INPUT_WAIT:-true}"; then arguments+=(--no-wait); fi
# xargs splits words as a shell does, and expands nothing.
more=$(xargs printf '%s\n' <<<"$INPUT_ARGS") || fail "the input args has an unmatched quote"
if [ -n "$more" ]; then
  mapfile -t words <<<"$more"
  arguments+=("${words[@]}")
fi

exec "$SPACESYNC" push "${spaces[@]}" "${arguments[@]}"
