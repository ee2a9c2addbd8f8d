import { SUPERVISOR_MARK } from '../../core/sync/supervise.js'

/** Where containerd keeps what it runs for the kubelet, on nodes of kind and minikube, and of k3s. */
const RUNTIME_FOLDERS = [
  '/run/containerd/io.containerd.runtime.v2.task/k8s.io',
  '/run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io',
]

/**
 * The program that writes files into a container, for any POSIX shell with coreutils' or busybox's tools. It runs on the node (`node`), where it sees the
 * container by the folder that the runtime made for it, or in the container (`self`). Requests come on standard input, one answer line goes out for each.
 *
 * A request is lines of text, one for each change, then an archive of so many records of 10,240 bytes:
 *
 *     container ID
 *     file N MODE BYTES PATH   (entry N of the archive)
 *     link N MODE BYTES PATH   (what the entry says is where it points)
 *     folder PATH
 *     delete PATH
 *     write RECORDS
 *
 * or, after `container`, `restart GRACE PATIENCE PORT…`: hundredths of a second, and ports as /proc/net/tcp has them. Answers: `done`, `done silent` (the ports
 * do not listen), `gone`, `unknown` (this node's runtime is not one that can be looked into), `refused WHY`.
 *
 * Paths are resolved step by step as the container sees them: a symbolic link in an image means a place in the container, and the node's kernel would
 * take it for one on the node. Where a path leads to is then asked of the container's mounts: a volume is reached through the process's root, all else by the runtime's
 * view of the root, which can be written even where the container cannot. Before anything is put into a folder of that view, the shell goes there and looks where it came to.
 */
export const WRITE_SCRIPT = `
way=$1 mounts_of=
set -f
nl='
'
refuse() { [ -n "$error" ] || error=$1; return 1; }

open_container() {
  if [ "$way" = self ]; then pid=self view= root= bundle=; return 0; fi
  bundle= pid= known=
  for tasks in ${RUNTIME_FOLDERS.join(' ')}; do
    [ -d "$tasks" ] && known=1
    [ -d "$tasks/$1" ] && bundle=$tasks/$1
  done
  [ -n "$known" ] || { unknown=1; return 1; }
  [ -n "$bundle" ] || { gone=1; return 1; }
  { read -r pid <"$bundle/init.pid"; } 2>/dev/null
  if [ -z "$pid" ] || ! [ -d "/proc/$pid/root/" ]; then gone=1; return 1; fi
  view=/proc/$pid/root
  if cd -P "$bundle/rootfs" 2>/dev/null; then root=$PWD; cd /; else root=$view; fi
}

read_mounts() {
  [ "$mounts_of" != "$id" ] || return 0
  mounts= mounts_of=$id
  { while read -r _ _ _ _ point _; do
    case $point in *'\\'*) point=$(printf '%b' "$point") ;; esac
    [ "$point" = / ] || mounts="$mounts$point$nl"
  done <"/proc/$pid/mountinfo"; } 2>/dev/null
}

# Sets mount to the longest mount point above or at $1, '' for the root, and base to where it can be written.
find_mount() {
  mount=
  IFS=$nl
  for point in $mounts; do
    case $1/ in "$point"/*) [ \${#point} -gt \${#mount} ] && mount=$point ;; esac
  done
  unset IFS
  if [ -n "$mount" ]; then base=$view; else base=$root; fi
}

owner_of() { owner=$(stat -c %u:%g "$1" 2>/dev/null) || owner=; }

give() {
  case $1 in '' | "$me") return 0 ;; esac
  chown -h "$1" "$2" 2>/dev/null || refuse "$3 cannot be given to its owner $1"
}

# Sets at to where the folder $1 is, as the container sees it; makes what is missing where $2 is 1.
resolve() {
  at= rest=\${1#/}/ hops=0
  while [ -n "$rest" ]; do
    step=\${rest%%/*} rest=\${rest#*/}
    case $step in
      '' | .) continue ;;
      ..) at=\${at%/*}; continue ;;
    esac
    if [ -L "$view$at/$step" ]; then
      hops=$((hops + 1))
      [ $hops -le 40 ] || { refuse "$1: too many symbolic links"; return 1; }
      link=$(readlink "$view$at/$step") || { refuse "$at/$step cannot be read"; return 1; }
      case $link in /*) at= ;; esac
      rest=$link/$rest
    elif [ -d "$view$at/$step" ]; then at=$at/$step
    elif [ -e "$view$at/$step" ]; then refuse "$at/$step is no folder"; return 1
    elif [ "$2" = 1 ]; then
      make_folder "$step" || return 1
      at=$at/$step
    else return 2
    fi
  done
  case $at/ in /proc/* | /sys/* | /dev/*) refuse "$1 leads to $at, which belongs to the kernel"; return 1 ;; esac
}

make_folder() {
  case $at/ in /proc/* | /sys/* | /dev/*) refuse "$at belongs to the kernel"; return 1 ;; esac
  find_mount "$at"
  enter || return 1
  owner_of "$here"
  said=$(mkdir -m 755 "$here/$1" 2>&1) || { refuse "$at/$1 cannot be made: $said"; return 1; }
  give "$owner" "$here/$1" "$at/$1"
}

# Sets here to the folder at, by a way on which no link is followed any more.
enter() {
  here=$base$at
  [ "$way" = node ] && [ "$base" = "$root" ] && [ "$root" != "$view" ] || return 0
  cd -P "$here" 2>/dev/null && [ "$PWD" = "$here" ] || { refuse "$at leads out of the container"; return 1; }
  here=.
}

# Goes to the folder of the path $1 and sets name to its last step.
go_to() {
  name=\${1##*/} folder=\${1%/*}
  cd /
  resolve "$folder" "$2" || return
  find_mount "$at"
  case $nl$mounts in *"$nl$at/$name$nl"*) refuse "$at/$name is mounted by itself"; return 1 ;; esac
  enter
}

# One for each process, for another whose request was given up may still be at its work; what a process left that is no more goes.
own_stage=.devloop-sync-$$

stage_in() {
  stage=$base$mount/$own_stage
  set +f
  for other in "$base$mount"/.devloop-sync-*; do
    [ -d "/proc/\${other##*-}" ] || rm -rf "$other" 2>/dev/null
  done
  set -f
  rm -rf "$stage" 2>/dev/null
  said=$(mkdir -m 700 "$stage" 2>&1) || { stage=; refuse "$at cannot be written: $said"; return 1; }
  stages="$stages$stage$nl"
}

take_archive() {
  if [ -z "$error" ] && [ -n "$stage" ]; then
    if [ -n "$tar" ]; then
      said=$(dd bs=10240 count="$1" iflag=fullblock 2>/dev/null | { tar -xpf - -C "$stage" 2>&1; code=$?; cat >/dev/null; exit $code; }) ||
        refuse "the files cannot be written: $said"
    else
      said=$(dd bs=10240 count="$1" iflag=fullblock 2>/dev/null | { unpack 2>&1; code=$?; cat >/dev/null; exit $code; }) ||
        refuse "the files cannot be written: $said"
    fi
  else dd bs=10240 count="$1" iflag=fullblock 2>/dev/null >/dev/null
  fi
}

# Where there is no tar: entries are as long as the request says, each after a header of 512 bytes.
unpack() {
  IFS=$nl
  for change in $changes; do
    unset IFS
    case $change in
      file* | link*)
        set -- $change
        dd bs=512 count=1 iflag=fullblock 2>/dev/null >/dev/null
        dd bs=512 count=$((($4 + 511) / 512)) iflag=fullblock 2>/dev/null | head -c "$4" >"$stage/$2" || return 1
        chmod "$3" "$stage/$2" || return 1 ;;
    esac
    IFS=$nl
  done
}

put() {
  go_to "$2" 1 || return 1
  if [ -d "$here/$name" ] && ! [ -L "$here/$name" ]; then refuse "$2 is a folder"; return 1; fi
  if [ -e "$here/$name" ] || [ -L "$here/$name" ]; then owner_of "$here/$name"; else owner_of "$here/"; fi
  from=$stage/$1
  if [ "$3" = link ]; then
    target=$(cat "$from"; printf x)
    said=$(ln -s "\${target%x}" "$from.link" 2>&1) || { refuse "$2 cannot be made: $said"; return 1; }
    from=$from.link
  fi
  if [ "$base$mount" != "$first" ]; then
    beside=$base$mount/$own_stage
    case $nl$stages in *"$nl$beside$nl"*) ;; *) main=$stage; stage_in || { stage=$main; return 1; }; stage=$main ;; esac
    said=$(mv -f "$from" "$beside/" 2>&1) || { refuse "$2 cannot be written: $said"; return 1; }
    from=$beside/\${from##*/}
  fi
  give "$owner" "$from" "$2" || return 1
  said=$(mv -f "$from" "$here/$name" 2>&1) || refuse "$2 cannot be written: $said"
}

take_away() {
  go_to "$1" 0
  case $? in 1) return 1 ;; 2) return 0 ;; esac
  if [ -d "$here/$name" ] && ! [ -L "$here/$name" ]; then rmdir "$here/$name" 2>/dev/null; return 0; fi
  said=$(rm -f "$here/$name" 2>&1) || refuse "$1 cannot be removed: $said"
}

write_all() {
  first= stage= stages=
  IFS=$nl
  for change in $changes; do
    unset IFS
    case $change in
      file* | link*)
        path=/\${change#*/}
        if go_to "$path" 1; then first=$base$mount; stage_in; fi
        break ;;
    esac
    IFS=$nl
  done
  unset IFS
  [ "$1" = 0 ] || take_archive "$1"
  IFS=$nl
  for change in $changes; do
    unset IFS
    [ -z "$error" ] || break
    path=/\${change#*/}
    case $change in
      file* | link*) set -- $change; put "$2" "$path" "$1" ;;
      folder*) cd /; resolve "$path" 1 ;;
      delete*) take_away "$path" ;;
    esac
    IFS=$nl
  done
  cd /
  IFS=$nl
  for stage in $stages; do rm -rf "$stage"; done
  unset IFS
}

children() { kids=; { read -r kids <"/proc/$1/task/$1/children"; } 2>/dev/null; }

# Whether a process has not ended: one whose end nobody asks for stays as a zombie.
runs() {
  stat=
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null
  case \${stat##*") "} in '' | Z* | X*) return 1 ;; esac
}

# Sets all to the processes below $1, each with a space on both sides. Globs are off, so a process counts by its main thread.
tree() {
  all=' '
  set -- "$1"
  while [ $# -gt 0 ]; do
    children "$1"
    shift
    for kid in $kids; do all="$all$kid "; done
    set -- "$@" $kids
  done
}

# Sets open to the sockets that listen on the port $1, in hexadecimal. The kernel lists them before all others, and there may be thousands of those.
listening() {
  open=
  for table in tcp tcp6; do
    { while read -r _ local _ state _ _ _ _ _ inode _; do
      case $state in 0A | st) ;; *) break ;; esac
      [ "\${local##*:}" = "$1" ] && open="$open $inode "
    done <"/proc/$pid/net/$table"; } 2>/dev/null
  done
}

restart() {
  grace=$1 patience=$2; shift 2
  [ "$way" = node ] || pid=1
  grep -q ${SUPERVISOR_MARK} "/proc/$pid/cmdline" 2>/dev/null ||
    { refuse 'its first process is not the one that devloop starts'; return 1; }
  tree "$pid"; before=$all
  [ "$before" != ' ' ] || { refuse 'its processes cannot be seen'; return 1; }
  old=; for port; do listening "$port"; old="$old$open"; done
  kill -HUP "$pid" 2>/dev/null || { gone=1; return 1; }
  waited=0 fresh=
  while :; do
    if ! [ -d "/proc/$pid" ]; then gone=1; return 1; fi
    children "$pid"
    left= fresh=
    for kid in $before; do runs "$kid" && left="$left $kid"; done
    for kid in $kids; do case $before in *" $kid "*) ;; *) fresh=1 ;; esac; done
    [ -z "$left" ] && [ -n "$fresh" ] && break
    waited=$((waited + 2))
    if [ $waited -ge "$grace" ] && [ -n "$left" ]; then kill -KILL $left 2>/dev/null; grace=$((waited + 100)); fi
    [ $waited -lt $((patience + grace)) ] || { refuse 'its process did not end'; return 1; }
    sleep 0.02
  done
  waited=0
  while :; do
    missing=
    for port; do
      listening "$port"
      found=
      for inode in $open; do case $old in *" $inode "*) ;; *) found=1 ;; esac; done
      [ -n "$found" ] || missing=1
    done
    children "$pid"
    if ! [ -d "/proc/$pid" ] || [ -z "$kids" ]; then gone=1; return 1; fi
    [ -n "$missing" ] || break
    waited=$((waited + 2))
    [ $waited -lt "$patience" ] || { detail=silent; return 0; }
    sleep 0.02
  done
}

me=$(id -u):$(id -g)
tar=; command -v tar >/dev/null 2>&1 && tar=1
printf 'ready\\n'
while IFS= read -r line; do
  case $line in
    'container '*) error= gone= unknown= detail= changes= pid= view= root= id=\${line#container } ;;
    'write '*)
      if open_container "$id"; then read_mounts; fi
      if [ -n "$gone$unknown" ]; then dd bs=10240 count="\${line#write }" iflag=fullblock 2>/dev/null >/dev/null
      else write_all "\${line#write }"
      fi
      ;;
    'restart '*) if open_container "$id"; then set -- $line; shift; restart "$@"; fi ;;
    *) changes="$changes$line$nl"; continue ;;
  esac
  case $line in 'container '*) continue ;; esac
  if [ -z "$gone$unknown" ] && [ "$way" = node ] && ! [ -d "/proc/$pid" ]; then gone=1; fi
  if [ -n "$unknown" ]; then printf 'unknown\\n'
  elif [ -n "$gone" ]; then printf 'gone\\n'
  elif [ -n "$error" ]; then printf 'refused %s\\n' "$(printf %s "$error" | tr '\\n' ' ')"
  else printf 'done %s\\n' "$detail"
  fi
  [ "$way" = node ] || exit 0
done
`
