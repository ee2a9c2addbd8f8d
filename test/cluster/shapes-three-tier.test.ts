import { expect, test } from 'vitest'
import { eventually } from './rig/eventually.js'
import { fetchText } from './rig/http.js'
import { kubectl, read } from './rig/kubectl.js'
import { createShape, podsByApp } from './rig/shape.js'

interface Answer {
  readonly page: string
  readonly node: string
  readonly members: readonly string[]
}

test('three tiers: peers that find each other by their token, a war, Services patched by hand, down', async () => {
  await using project = await createShape('three-tier')
  const { namespace, folder } = project
  // Through the cluster's own Service: the server listens at the address of its pod alone.
  const ask = async (path: string) => {
    const service = `/api/v1/namespaces/${namespace}/services/hw-wildfly-ha:8080/proxy`
    return JSON.parse(await kubectl(['get', '--raw', service + path])) as Answer
  }
  const members = async () => {
    const names = await kubectl(['get', 'pods', '-n', namespace, '-l', 'app=wildfly', '-o', 'name'])
    return names
      .split('\n')
      .filter(Boolean)
      .map(name => name.slice('pod/'.length))
      .sort()
  }
  try {
    await using up = project.start('up', '--json')
    const { port } = await up.until('gateway')
    await up.until('live', { where: ({ service }) => service === 'wildfly', deadline: 90_000 })
    await up.until('ready', { where: ({ object }) => object.startsWith('statefulset/postgres') })
    const binding = `clusterrolebinding/${namespace}-kubeping-api-access`
    const notices = up.all('notice').map(({ message }) => message)
    expect(notices.filter(message => message.includes(binding))).toEqual([
      expect.stringContaining(`${folder}/wildfly-sa-role.yaml:16: ${binding}`),
    ])
    expect((await ask('/backend/members')).members).toEqual(await members())
    expect(await members()).toHaveLength(2)
    await eventually(async () =>
      expect(await fetchText(port, '/index.html', 'www.hwyu.com')).toBe('static one'),
    )
    // A picture below /backend belongs to the static tier: the longer rule counts.
    expect(await fetchText(port, '/backend/logo.png', 'www.hwyu.com')).toBe('the logo of apache')

    const patch = ['patch', 'service', 'hw-wildfly-ha', '-n', namespace, '-p']
    await kubectl([...patch, '{"spec":{"type":"LoadBalancer"}}'])
    const before = await podsByApp(namespace)
    const saved = up.mark()
    await project.write('wildfly/app/page.txt', 'dynamic two\n')
    await up.until('live', { since: saved, where: ({ service }) => service === 'wildfly', deadline: 60_000 })
    await eventually(async () => expect((await ask('/backend/')).page).toBe('dynamic two'))
    // The war, which has other bytes each time that it is packed, was packed once and built once.
    expect(up.all('built', saved).map(({ service }) => service)).toEqual(['wildfly'])
    expect((await podsByApp(namespace)).get('apache')?.uid).toBe(before.get('apache')?.uid)
    // What a person patched is not fought over, also not by a change of that Service.
    const manifest = 'k8s/wildfly.yaml'
    await project.write(
      manifest,
      (await project.read(manifest)).replace(
        'port: 8080\n      targetPort',
        'name: http\n      port: 8080\n      targetPort',
      ),
    )
    await up.until('applied', {
      since: saved,
      where: ({ object }) => object.startsWith('service/hw-wildfly-ha'),
    })
    expect((await read(namespace, 'service', 'hw-wildfly-ha')).spec).toMatchObject({
      type: 'LoadBalancer',
      ports: [{ name: 'http', port: 8080 }],
    })
    up.kill('SIGINT')
    expect(await up.exit).toMatchObject({ code: 130 })
    expect(await project.run('down', '--volumes')).toMatchObject({ code: 0, stderr: '' })
    const left = ['get', 'clusterrole,clusterrolebinding,namespace', '-o', 'name']
    expect(await kubectl(left)).not.toContain(namespace)
  } finally {
    const names = [`${namespace}-kubeping-pod-reader`, `${namespace}-kubeping-api-access`]
    await kubectl(['delete', 'clusterrole,clusterrolebinding', ...names, '--ignore-not-found'])
  }
})
