import { run } from './kubectl.js'

const NODE = 'dev-control-plane'

/** Brings images of Docker Hub's library from the engine to the node, those that it lacks. */
export async function importOnNode(...images: readonly string[]): Promise<void> {
  const list = ['exec', NODE, 'ctr', '-n', 'k8s.io', 'images', 'ls', '-q']
  const filters = images.map(image => `name==docker.io/library/${image}`)
  const present = (await run('docker', [...list, ...filters])).stdout.split('\n')
  const missing = images.filter(image => !present.includes(`docker.io/library/${image}`))
  if (missing.length === 0) return
  const load = `docker exec -i ${NODE} ctr -n k8s.io images import -`
  await run('sh', ['-c', `docker save ${missing.join(' ')} | ${load}`])
}
