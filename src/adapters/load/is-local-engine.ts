/** Paths of sockets behind which an engine runs in a virtual machine although the system is Linux: Docker Desktop, colima, lima, Rancher Desktop. */
const MACHINE_SOCKET = /\/\.(?:docker\/(?:desktop|run)|colima|lima|rd|orbstack)\//

/**
 * Whether an engine's 127.0.0.1 is probably this machine's, so that it can push to a server of ours. `endpoint` is written as in DOCKER_HOST.
 * On macOS and Windows the engine runs in a virtual machine, whose loopback is its own. Where this says yes and is wrong (a tunnel on
 * loopback), the first push is refused at once and the loader saves images from then on; where it says no, no push is tried.
 */
export function isLocalEngine(endpoint: string, platform: NodeJS.Platform = process.platform): boolean {
  if (platform !== 'linux') return false
  const socket = /^unix:\/\/(.+)$/.exec(endpoint)?.[1]
  if (socket !== undefined) return !MACHINE_SOCKET.test(socket)
  if (!URL.canParse(endpoint)) return false
  const { protocol, hostname } = new URL(endpoint)
  const loopback = hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
  return loopback && (protocol === 'tcp:' || protocol === 'http:' || protocol === 'https:')
}
