#!/usr/bin/env bash
# What the automation of an index repository does, for workflows and for any other Git host.
#
#   registry.sh fetch NUMBER HEAD OUT   on GitHub: fetches the merge of a pull request, whose head has
#                                       to be HEAD, as refs/proposal/base and refs/proposal/head
#   registry.sh judge BASE HEAD OUT     writes OUT/report.md, report.sarif and report.json; prints
#                                       annotations on GitHub and text elsewhere; exits as
#                                       `registry-tool validate` does: 0 accepted, 1 refused,
#                                       4 not judged (somebody else's fault: try again), 5 review
#   registry.sh publish PUBLIC          from a full checkout: judges what came since the last
#                                       release, builds, and signs
#   registry.sh received                hook `post-receive` of a bare repository: judges branches
#                                       `proposal/…`, and publishes `main`
#
# REGISTRY_TOOL   the program; otherwise the one on the PATH
# SITE            where the registry is published: a URL, or a folder (`received` needs a folder)
# ONLINE_KEYS     the keys of the online roles, PEM blocks one after the other
# ONLINE_KEYS_DIR the same as a folder
# FIRST           true if nothing was released before
# FETCH_TOKEN     what reads a private repository on GitHub
#
# Nothing of a proposal is checked out or run: it is read out of the object database.
set -euo pipefail

tool() { "${REGISTRY_TOOL:-registry-tool}" "$@"; }

fail() {
  if [ -n "${GITHUB_ACTIONS:-}" ]; then echo "::error::$*"; else echo "error: $*" >&2; fi
  exit 4
}

# The token stands in the environment of one command, and in no file.
authorised() {
  if [ -z "${FETCH_TOKEN:-}" ]; then
    "$@"
    return
  fi
  GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.${GITHUB_SERVER_URL:-https://github.com}/.extraheader" \
    GIT_CONFIG_VALUE_0="AUTHORIZATION: basic $(printf 'x-access-token:%s' "$FETCH_TOKEN" | base64 | tr -d '\n')" \
    "$@"
}

# GitHub merges each pull request into its base, on trial. Judging that merge is judging what
# merging would add, also where the pull request is behind.
fetch() {
  local number=$1 head=$2 out=$3
  mkdir -p "$out"
  printf '%s' "$number" >"$out/number"
  printf '%s' "$head" >"$out/head"
  authorised git fetch --quiet --no-tags --depth=2 origin "+refs/pull/$number/merge:refs/proposal/head" ||
    fail 'the proposal cannot be merged, or the host has not merged it on trial yet; bring it up to date'
  [ "$(git rev-parse 'refs/proposal/head^2')" = "$head" ] ||
    fail 'the proposal has changed meanwhile; it will be judged again'
  git update-ref refs/proposal/base "$(git rev-parse 'refs/proposal/head^1')"
}

judge() {
  local base=$1 head=$2 out=$3 format=text status=0
  [ -z "${GITHUB_ACTIONS:-}" ] || format=github
  mkdir -p "$out"
  tool validate --index . --base "$base" --head "$head" --format "$format" \
    --also markdown="$out/report.md" --also sarif="$out/report.sarif" \
    --also json="$out/report.json" || status=$?
  if [ ! -s "$out/report.md" ]; then
    printf 'The proposal was **not judged**: the command failed. The log says why.\n' >"$out/report.md"
  fi
  [ -z "${GITHUB_STEP_SUMMARY:-}" ] || head -c 900000 "$out/report.md" >>"$GITHUB_STEP_SUMMARY"
  return "$status"
}

# The verdict is repeated for all that came since the last release: what nobody judged, or what was
# judged otherwise, is not published.
publish() {
  local public=$1 keys=env:ONLINE_KEYS published
  [ -z "${ONLINE_KEYS_DIR:-}" ] || keys=$ONLINE_KEYS_DIR
  if [ "${FIRST:-false}" = true ]; then
    tool validate --index . --all
    tool build --index . --out "$public"
    tool release --public "$public" --online-keys "$keys" --first
    return
  fi
  published="$(tool released "$SITE")"
  tool validate --index . --since "$published"
  tool build --index . --out "$public"
  tool release --public "$public" --online-keys "$keys" --previous "$SITE" --index .
}

# Makes the commit that merging would make, and touches no branch. Hooks run in the bare repository.
merged() {
  local base=$1 head=$2 tree
  tree="$(git merge-tree --write-tree "$base" "$head")" || return 1
  git -c user.name=registry -c user.email=registry@localhost commit-tree "$tree" \
    -p "$base" -p "$head" -m 'What merging would make'
}

received() {
  local new name head work status=0
  while read -r _ new name; do
    [ "$new" != 0000000000000000000000000000000000000000 ] || continue
    work="$(mktemp -d)"
    case "$name" in
      refs/heads/proposal/*)
        echo "judging $name"
        if head="$(merged refs/heads/main "$new")"; then
          judge refs/heads/main "$head" "$work/report" || status=$?
        else
          echo "$name cannot be merged; bring it up to date"
        fi
        ;;
      refs/heads/main)
        echo 'publishing'
        # One after the other, each from the newest commit.
        (
          flock 9
          git clone --quiet --branch main . "$work/index"
          unset GIT_DIR
          cd "$work/index"
          publish "$SITE"
        ) 9>publish.lock || status=$?
        ;;
    esac
    rm -rf "$work"
  done
  return "$status"
}

command=${1:-}
case "$command:$#" in
  fetch:4 | judge:4 | publish:2 | received:1)
    shift
    "$command" "$@"
    ;;
  *)
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p;}' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
