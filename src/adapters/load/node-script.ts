import { tableSeparator } from '../../core/load/node-images.js'

const CTR = 'ctr -n k8s.io'
const K3S_CONFIG = '/var/lib/rancher/k3s/agent/etc/containerd/config.toml'
const DEFAULT_SNAPSHOTTER = 'overlayfs'

/** Size of the records in which an archive is announced, in bytes. */
export const RECORD_BYTES = 10_240

/** Ends each answer; the line before it is the exit code. */
export const ANSWER_MARK = '\n@end\n'

/**
 * Prints the name of the snapshotter. kind runs rootless nodes on fuse-overlayfs, so it is asked for and not assumed. k3s gives its containerd a file of
 * its own; its `ctr` has that containerd's socket as the default (k3s, pkg/ctr).
 */
const FIND_SNAPSHOTTER = `{ cat ${K3S_CONFIG} 2>/dev/null || containerd config dump 2>/dev/null; } | sed -n "s/^ *snapshotter = ['\\"]\\([a-z0-9-]\\{1,\\}\\)['\\"].*/\\1/p" | head -n 1 | grep . || echo ${DEFAULT_SNAPSHOTTER}`

/**
 * The program that a load talks to on a node, for any POSIX shell. Requests come on standard input, one a line:
 *
 *     snapshotter               prints its name
 *     list NAME…                tables of the images that have these names, or are the same as those that have, and of all unpacked layers
 *     import RECORDS MANIFEST   an archive of so many records of 10,240 bytes follows; prints a table of the names of that manifest once the kubelet's
 *                               runtime has it, which takes images up by an event and names them \`sha256:<config>\`
 *     remove NAME
 *
 * `ctr images ls` reads the content of each image that it lists, which takes a second where a few hundred saves have left theirs; so some are asked for only.
 */
export const LOAD_SCRIPT = `
set -f
snapshotter=
find_snapshotter() { [ -n "$snapshotter" ] || snapshotter=$(${FIND_SNAPSHOTTER}); }

list() {
  find_snapshotter
  if [ $# -gt 0 ]; then
    names=
    for name; do names="$names name==$name"; done
    named=$(${CTR} images ls $names 2>&1) || { echo "$named"; return 1; }
    echo "$named"
    digests=
    for digest in $(echo "$named" | grep -o 'sha256:[0-9a-f]\\{64\\}' | sort -u); do digests="$digests target.digest==$digest"; done
    [ -z "$digests" ] || ${CTR} images ls $digests 2>&1 || return 1
  fi
  echo ${tableSeparator}
  ${CTR} snapshots --snapshotter "$snapshotter" ls 2>&1
}

take_import() {
  find_snapshotter
  said=$(dd bs=${RECORD_BYTES} count="$1" iflag=fullblock 2>/dev/null | { ${CTR} images import --snapshotter="$snapshotter" - 2>&1; code=$?; cat >/dev/null; exit $code; }) ||
    { echo "$said"; return 1; }
  tries=0
  while :; do
    listed=$(${CTR} images ls "target.digest==$2" 2>&1) || { echo "$listed"; return 1; }
    case "
$listed" in *"
sha256:"*) echo "$listed"; return 0 ;; esac
    tries=$((tries + 1))
    [ $tries -lt 20 ] || { echo 'the runtime does not list the image after its import'; return 1; }
    sleep 0.05
  done
}

printf 'ready\\n@end\\n'
while IFS= read -r line; do
  set -- $line
  verb=$1; shift
  case $verb in
    snapshotter) find_snapshotter; echo "$snapshotter" ;;
    list) list "$@" ;;
    import) take_import "$@" ;;
    remove) ${CTR} images rm "$1" 2>&1 ;;
  esac
  printf '\\n%s\\n@end\\n' $?
done
`
