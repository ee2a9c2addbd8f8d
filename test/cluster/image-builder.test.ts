import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pack } from 'tar-stream'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createEngineClient } from '../../src/adapters/docker/engine-client.js'
import { createImageBuilder } from '../../src/adapters/docker/image-builder.js'
import { buildRequest, imageBuilderContract, quiet } from '../../src/testing/image-builder-contract.js'

const base = 'busybox:1.35'
const engines = [
  { engine: 'default', socket: '/var/run/docker.sock' },
  { engine: 'newer', socket: '/run/newer-engine.sock' },
]
const cases = engines.flatMap(engine =>
  (['buildkit', 'classic'] as const).map(builder => ({
    ...engine,
    builder,
    name: `${builder} of the ${engine.engine} engine`,
  })),
)

/** The marker is an argument of a process on this host, for the engine runs its steps here. */
const processesWith = (marker: string) =>
  readdirSync('/proc').filter(pid => {
    if (!/^\d+$/.test(pid)) return false
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(`sleep\0${marker}`)
    } catch {
      return false
    }
  })

for (const { name, socket, builder: kind } of cases) {
  if (!existsSync(socket)) {
    describe.skip(`${name}: no engine listens on ${socket}`, () => it('is there', () => {}))
    continue
  }
  const client = createEngineClient({ env: { DOCKER_HOST: `unix://${socket}` } })
  const builder = createImageBuilder({
    client,
    builder: kind,
    networkMode: 'host',
    env: { TOKEN: 'tell-nobody-123' },
    context: async ({ snapshot }) => {
      const stream = pack()
      stream.entry({ name: 'Dockerfile', mtime: new Date(0) }, snapshot.dockerfile)
      stream.finalize()
      return { stream: Readable.from(stream), dockerfileName: 'Dockerfile' }
    },
  })
  imageBuilderContract(name, () => ({ builder, base }))
  afterAll(async () => {
    await client.json({ method: 'DELETE', path: '/images/devloop-contract/tagged:one' })
  })

  describe(name, () => {
    it('reports the step, its line and its last lines where a command fails', async () => {
      const unique = `${kind}-${Date.now()}`
      const lines: string[] = []
      const dockerfile = `FROM ${base}\n# why\nRUN echo fine\nRUN echo ${unique} >&2; \\\n  echo bad >&2; exit 3\n`
      const result = await builder.build(buildRequest(dockerfile), {
        ...quiet,
        onOutput: line => lines.push(line),
      })
      expect(result).toMatchObject({
        ok: false,
        error: {
          kind: 'image-build-failed',
          step: expect.stringContaining(`RUN echo ${unique}`),
          range: { file: '/contract/Dockerfile', line: 4, endLine: 5 },
          message: expect.stringContaining('3'),
          output: [unique, 'bad'],
        },
      })
      expect(lines.some(line => line.endsWith('bad'))).toBe(true)
    })

    it.each([
      { what: 'an unknown instruction', dockerfile: `FROM ${base}\nBOGUS x\n`, line: 2 },
      { what: 'a file that is not there', dockerfile: `FROM ${base}\n\nCOPY missing /\n`, line: 3 },
      { what: 'a base that cannot be had', dockerfile: `FROM nosuch.invalid/x:1\nRUN true\n`, line: 1 },
    ])('points at $what', async ({ dockerfile, line }) => {
      const result = await builder.build(buildRequest(dockerfile), quiet)
      expect(result).toMatchObject({ ok: false, error: { kind: 'image-build-failed', range: { line } } })
    })

    // A stable frontend that cannot be fetched is no failure, and neither is a secret that nobody gives where a step does without.
    it.skipIf(kind === 'classic')(
      'builds what asks for a frontend and for a secret that are not there',
      async () => {
        const result = await builder.build(
          buildRequest(
            `# syntax=docker/dockerfile:1\nFROM ${base}\nRUN --mount=type=secret,id=none test ! -e /run/secrets/none\n`,
          ),
          quiet,
        )
        expect(result).toMatchObject({ ok: true })
      },
    )

    it('aborting ends the step in the engine before the promise settles', async () => {
      const marker = String(80_000 + Math.floor(Math.random() * 10_000))
      const stop = new AbortController()
      const done = builder.build(buildRequest(`FROM ${base}\nRUN sleep ${marker}\n`), {
        ...quiet,
        signal: stop.signal,
      })
      await vi.waitFor(() => expect(processesWith(marker)).toHaveLength(1), { timeout: 30_000, interval: 20 })
      stop.abort()
      expect(await done).toEqual({ ok: false, error: { kind: 'cancelled' } })
      expect(processesWith(marker)).toEqual([])
    })

    it(
      kind === 'buildkit' ? 'hands a secret to a step and shows it nowhere' : 'refuses secrets',
      async () => {
        const lines: string[] = []
        const request = buildRequest(
          `FROM ${base}\nRUN --mount=type=secret,id=t,required=true cat /run/secrets/t; wc -c < /run/secrets/t; echo ${Date.now()}; exit 4\n`,
          { secrets: [{ id: 't', env: 'TOKEN' }] },
        )
        const result = await builder.build(request, { ...quiet, onOutput: line => lines.push(line) })
        expect(JSON.stringify([result, lines])).not.toContain('tell-nobody-123')
        if (kind === 'classic') {
          expect(result).toMatchObject({ ok: false, error: { message: expect.stringContaining('secrets') } })
        } else {
          expect(result).toMatchObject({
            ok: false,
            error: { output: [expect.stringContaining('***15'), expect.any(String)] },
          })
        }
      },
    )
  })
}

it('says where no engine answers', async () => {
  const client = createEngineClient({ env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } })
  expect(await client.json({ method: 'GET', path: '/info' })).toMatchObject({
    ok: false,
    error: { kind: 'engine-unreachable', endpoint: 'unix:///nowhere/docker.sock' },
  })
})
