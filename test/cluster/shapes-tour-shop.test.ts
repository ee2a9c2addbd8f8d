import { expect, test } from 'vitest'
import { eventually } from './rig/eventually.js'
import { fetchText } from './rig/http.js'
import { kubectl, read } from './rig/kubectl.js'
import { createShape, podsByApp } from './rig/shape.js'

const services = ['auth', 'booking', 'client', 'expiration', 'payment', 'review', 'tour']

test('the tour shop: up, its routes, a save, a change of a manifest, down', async () => {
  await using project = await createShape('tour-shop')
  const { namespace } = project
  await using up = project.start('up', '--json')
  const { port } = await up.until('gateway')
  for (const name of services)
    await up.until('live', { where: ({ service }) => service === name, deadline: 90_000 })

  const ask = async (path: string) =>
    JSON.parse(await fetchText(port, path, 'tour.xyz')) as {
      readonly service: string
      readonly version: string
      readonly client?: string
    }
  // The order of the regular expressions decides: a tour's bookings are no tours, and everything else is the client's.
  const routes = {
    '/api/v1/tours/7/bookings': 'booking',
    '/api/v1/tours/7/reviews?page=2': 'review',
    '/api/v1/tours/7': 'tour',
    '/api/v1/admin/users': 'auth',
    '/api/v1/payments': 'payment',
    '/about': 'client',
  }
  for (const [path, service] of Object.entries(routes))
    await eventually(async () => expect(await ask(path)).toMatchObject({ service, version: 'one' }))
  const before = await podsByApp(namespace)
  expect((await ask('/api/v1/reviews')).client).toBe(before.get('review')?.name)
  // No service has a probe; those that connect to a peer at their start may crash until it takes connections, and get there.
  expect([...before.keys()]).toHaveLength(13)

  const saved = up.mark()
  await project.write('review/src/index.mjs', entry('review', 'two'))
  await up.until('live', { since: saved, where: ({ service }) => service === 'review', deadline: 60_000 })
  await eventually(async () => expect((await ask('/api/v1/reviews')).version).toBe('two'))

  const changed = up.mark()
  const nats = 'k8s/nats/nats.yaml'
  await project.write(nats, (await project.read(nats)).replace("'-m', '8222'", "'-m', '8223'"))
  await up.until('ready', { since: changed, where: ({ object }) => object.startsWith('deployment/nats') })
  const after = await podsByApp(namespace)
  const replaced = [...after.values()].filter(({ app, uid }) => before.get(app)?.uid !== uid)
  expect(replaced.map(({ app }) => app).sort()).toEqual(['nats', 'review'])
  expect(JSON.stringify((await read(namespace, 'deployment', 'nats')).spec)).toContain('8223')

  up.kill('SIGINT')
  expect(await up.exit).toMatchObject({ code: 130 })
  expect(await project.run('down')).toMatchObject({ code: 0, stderr: '' })
  expect(await kubectl(['get', 'namespace', namespace, '--ignore-not-found', '-o', 'name'])).toBe('')
})

const entry = (service: string, version: string) =>
  `import { serve } from './serve.mjs'\n\nawait serve({ service: '${service}', version: '${version}' })\n`
