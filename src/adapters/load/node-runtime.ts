import type Docker from 'dockerode'
import { type NodeImages, parseNodeImages, tableSeparator } from '../../core/load/node-images.js'
import { gather } from './gather.js'
import { type NodeExit, type NodeProcess, runInNode, startInNode } from './node-process.js'

/** The containerd of one node container. Methods reject where the engine or the runtime fails. */
export interface NodeRuntime {
  readonly name: string
  /**
   * What there is under these names (and those of other calls at the time), with every other name of the same images, and all unpacked layers. A program in
   * a node takes 0.1 s to start, so calls share one.
   */
  images(names: readonly string[]): Promise<NodeImages>
  /** Starts an import of the OCI or Docker archive that is written to its input. */
  startImport(): Promise<NodeProcess>
  removeReference(reference: string): Promise<void>
}

const CTR = 'ctr -n k8s.io'
const K3S_CONFIG = '/var/lib/rancher/k3s/agent/etc/containerd/config.toml'
const DEFAULT_SNAPSHOTTER = 'overlayfs'
const SNAPSHOTTER_WORD = 'snapshotter'

/**
 * Prints the name of the snapshotter. kind runs rootless nodes on fuse-overlayfs, so it is asked for and not assumed. k3s gives its containerd a file of
 * its own; its `ctr` has that containerd's socket as the default (k3s, pkg/ctr).
 */
const FIND_SNAPSHOTTER = `{ cat ${K3S_CONFIG} 2>/dev/null || containerd config dump 2>/dev/null; } | sed -n "s/^ *snapshotter = ['\\"]\\([a-z0-9-]\\{1,\\}\\)['\\"].*/\\1/p" | head -n 1 | grep . || echo ${DEFAULT_SNAPSHOTTER}`

/**
 * Asks for some images only: `ctr images ls` reads the content of each that it lists, which takes a second where a few hundred saves have left
 * theirs. The second listing finds the name `sha256:<config>` that the kubelet's runtime gives to an image that it has taken up.
 */
const LISTING = `
snapshotter=$1; shift
[ -n "$snapshotter" ] || snapshotter=$(${FIND_SNAPSHOTTER})
echo "${SNAPSHOTTER_WORD} $snapshotter"
named=$(${CTR} images ls "$@") || exit; echo "$named"
set --
for digest in $(echo "$named" | grep -o 'sha256:[0-9a-f]\\{64\\}' | sort -u); do set -- "$@" "target.digest==$digest"; done
[ $# -eq 0 ] || ${CTR} images ls "$@" || exit
echo ${tableSeparator}
exec ${CTR} snapshots --snapshotter "$snapshotter" ls`

/** The containerd of a node whose container has this name. */
export function createNodeRuntime(docker: Docker, name: string): NodeRuntime {
  let snapshotter: string | undefined
  const shell = (script: string, ...args: readonly string[]) =>
    runInNode(docker, name, ['sh', '-c', script, 'sh', ...args])
  const getSnapshotter = async (): Promise<string> => {
    if (snapshotter === undefined) {
      const { stdout } = await shell(FIND_SNAPSHOTTER)
      snapshotter = stdout.split('\n')[0]?.trim() || DEFAULT_SNAPSHOTTER
    }
    return snapshotter
  }
  const images = gather(async names => {
    const exit = await shell(LISTING, snapshotter ?? '', ...names.map(reference => `name==${reference}`))
    if (exit.exitCode !== 0) throw new Error(`cannot list the images of node ${name}: ${lastWords(exit)}`)
    snapshotter ??= new RegExp(`^${SNAPSHOTTER_WORD} (\\S+)$`, 'm').exec(exit.stdout)?.[1]
    return parseNodeImages(exit.stdout)
  })
  return {
    name,
    images,
    async startImport() {
      return startInNode(docker, name, [
        ...CTR.split(' '),
        'images',
        'import',
        `--snapshotter=${await getSnapshotter()}`,
        '-',
      ])
    },
    async removeReference(reference) {
      await shell(`${CTR} images rm "$1"`, reference)
    },
  }
}

/** The last line of what a program said, without containerd's deprecation warnings. */
export function lastWords(exit: NodeExit): string {
  const lines = `${exit.stdout}\n${exit.stderr}`.split('\n').map(line => line.trim())
  const said = lines.filter(line => line !== '' && !line.includes('level=warning'))
  return said.at(-1) ?? `exit code ${exit.exitCode}`
}
