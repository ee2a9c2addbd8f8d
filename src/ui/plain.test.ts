import { describe, expect, it } from 'vitest'
import type { Announcement } from '../core/announcement.js'
import { createNdjsonReporter } from './ndjson.js'
import { createPlainReporter } from './plain.js'

function plain(announcements: readonly Announcement[], { colour = false, verbose = false } = {}): string {
  let written = ''
  const output = {
    write: (text: string) => {
      written += text
    },
  }
  const reporter = createPlainReporter(output, { colour, verbose })
  for (const announcement of announcements) reporter.tell(announcement)
  return written
}

const log = (text: string, over: Partial<Extract<Announcement, { type: 'log' }>> = {}): Announcement => ({
  type: 'log',
  service: 'tour',
  namespace: 'shop',
  pod: 'tour-6d5f-x2x9z',
  podUid: 'uid',
  container: 'tour',
  role: 'app',
  restarts: 0,
  time: '2026-01-01T10:00:00Z',
  text,
  ...over,
})

describe('plain lines', () => {
  it.each<readonly [string, Announcement, string]>([
    [
      'a session',
      { type: 'session', project: 'shop', services: ['a', 'b'], mode: 'up' },
      'devloop      │ up shop: a, b',
    ],
    [
      'a save',
      { type: 'save', save: 3, service: 'tour', files: ['a', 'b', 'c', 'd'] },
      'tour         │ save 3: a, b, c and 1 more',
    ],
    [
      'a save of settings',
      { type: 'save', save: 3, service: 'tour', files: [] },
      'tour         │ save 3: settings',
    ],
    [
      'what is waited for',
      {
        type: 'phase',
        service: 'tour',
        save: 1,
        phase: 'waiting',
        hold: { kind: 'object', key: 'apps/Deployment/shop/db' },
      },
      'tour         │ waiting: for deployment/db',
    ],
    [
      'a pause with a save that waits',
      {
        type: 'phase',
        service: 'tour',
        save: 1,
        phase: 'waiting',
        hold: { kind: 'paused', service: 'tour', saves: 1 },
      },
      'tour         │ waiting: for tour to be resumed; 1 save waits',
    ],
    [
      'a dependency without pods',
      {
        type: 'phase',
        service: 'tour',
        save: 1,
        phase: 'waiting',
        hold: { kind: 'depends-on', name: 'db', scaledToZero: true },
      },
      'tour         │ waiting: for db, which is scaled to zero',
    ],
    [
      'no pods on request',
      { type: 'phase', service: 'tour', save: 1, phase: 'scaled-to-zero' },
      'tour         │ ✓ scaled to zero',
    ],
    [
      'an earlier image on request',
      { type: 'phase', service: 'tour', save: 4, phase: 'rolled-back', message: 'to save 3' },
      'tour         │ ✓ rolled back to save 3',
    ],
    [
      'a divider',
      {
        type: 'log-mark',
        service: 'tour',
        namespace: 'shop',
        pod: 'tour-6d5f-x2x9z',
        podUid: 'uid',
        container: 'tour',
        role: 'app',
        restarts: 2,
        message: 'restart 2, exit code 137 (OOMKilled)',
      },
      'tour·x2x9z   │ ─── restart 2, exit code 137 (OOMKilled) ───',
    ],
    [
      'a built image',
      {
        type: 'built',
        service: 'tour',
        save: 1,
        reference: 'shop/tour:dev-1',
        cached: false,
        duration: 1234,
      },
      'tour         │ built shop/tour:dev-1 in 1.2 s',
    ],
    [
      'an image of before',
      { type: 'built', service: 'tour', save: 1, reference: 'shop/tour:dev-1', cached: true },
      'tour         │ image shop/tour:dev-1 is built already',
    ],
    [
      'a load',
      {
        type: 'loaded',
        image: 'shop/tour:dev-1',
        method: 'sparse-push',
        sentBytes: 1500,
        sentLayers: 1,
        totalLayers: 9,
      },
      'devloop      │ loaded shop/tour:dev-1: 1 of 9 layers, 1.5 kB (sparse-push)',
    ],
    [
      'a load that cannot count its bytes',
      {
        type: 'loaded',
        image: 'shop/tour:dev-1',
        method: 'registry-push',
        sentBytes: 0,
        sentLayers: 1,
        totalLayers: 9,
      },
      'devloop      │ loaded shop/tour:dev-1: 1 of 9 layers (registry-push)',
    ],
    [
      'the first time live',
      { type: 'live', service: 'tour', save: 0, duration: 900, stages: {} },
      'tour         │ ✓ live',
    ],
    [
      'a live save with where its time went',
      {
        type: 'live',
        service: 'tour',
        save: 2,
        duration: 2500,
        stages: { scan: 0, build: 900, rollout: 1600 },
      },
      'tour         │ ✓ live: save 2 in 2.5 s (build 900 ms, rollout 1.6 s)',
    ],
    [
      'a lost cluster',
      { type: 'cluster', context: 'kind-dev', state: 'lost', message: 'reset' },
      'devloop      │ the connection to kind-dev is lost: reset',
    ],
    ['a log line', log('listening'), 'tour·x2x9z   │ listening'],
    ['a log line of a second container', log('hello', { container: 'proxy' }), 'tour/proxy·x2x9z │ hello'],
    ['tabs of a log line', log('a\tb'), 'tour·x2x9z   │ a\tb'],
  ])('tell of %s', (_, announcement, expected) => {
    expect(plain([announcement])).toBe(`${expected}\n`)
  })

  it('says nothing of a line that the config has ignored', () => {
    expect(plain([log('GET /healthz', { ignored: true }), log('x')])).toBe('tour·x2x9z   │ x\n')
  })

  it.each<readonly [string, string, string]>([
    ['colours', '\u001b[31mred\u001b[0m', 'red'],
    ['cursor movements', 'a\u001b[2K\u001b[1Gb', 'ab'],
    ['carriage returns', 'nothing wrong here\rforged', 'nothing wrong hereforged'],
    ['titles of the terminal', '\u001b]0;owned\u0007text', 'text'],
    ['links', '\u001b]8;;http://x\u001b\\text\u001b]8;;\u001b\\', 'text'],
    ['a lone escape', 'a\u001b', 'a'],
    ['backspaces', 'a\b\bb', 'ab'],
    ['8-bit control sequences', 'a\u009b31mb', 'ab'],
  ])('leave out %s of a program', (_, text, expected) => {
    expect(plain([log(text)])).toBe(`tour·x2x9z   │ ${expected}\n`)
    expect(plain([{ type: 'build-output', service: 'tour', line: text }], { verbose: true })).toBe(
      `tour         │ ${expected}\n`,
    )
    // What a program printed also comes as part of a problem, and what a server says as a notice.
    const told = plain([
      {
        type: 'problem',
        service: 'tour',
        final: true,
        problem: { kind: 'image-build-failed', service: 'tour', message: text, output: [text] },
      },
      { type: 'notice', message: text },
    ])
    expect(told).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
  })

  it('have in front of every line whose it is', () => {
    expect(plain([log('one\ndevloop      │ ✓ forged')])).toBe(
      'tour·x2x9z   │ one\ntour·x2x9z   │ devloop      │ ✓ forged\n',
    )
  })

  it('keep build output for those who ask for it', () => {
    const line: Announcement = { type: 'build-output', service: 'tour', line: 'Step 1/2' }
    expect(plain([line])).toBe('')
    expect(plain([line], { verbose: true })).toBe('tour         │ Step 1/2\n')
  })

  it('follow a long load in tenths, and no short one', () => {
    const at = (sentBytes: number, totalBytes: number): Announcement => ({
      type: 'load-progress',
      image: 'x',
      sentBytes,
      totalBytes,
    })
    expect(plain([at(1e6, 2e6)])).toBe('')
    expect(plain([at(1e6, 100e6), at(11e6, 100e6), at(12e6, 100e6), at(25e6, 100e6)])).toBe(
      'devloop      │ loading x: 11.0 MB of 100.0 MB\ndevloop      │ loading x: 25.0 MB of 100.0 MB\n',
    )
  })

  it('say of a rollout that may recover that it is watched', () => {
    const problem = {
      kind: 'rollout-failed',
      workload: 'deployment/tour',
      namespace: 'shop',
      reason: 'crash-loop',
      message: 'it crashes',
      lastLines: ['no database'],
    } as const
    const told = (final: boolean) => plain([{ type: 'problem', service: 'tour', final, problem }])
    expect(told(false)).toContain('no database')
    expect(told(false)).toContain('devloop keeps watching')
    expect(told(true)).not.toContain('devloop keeps watching')
  })

  it('have colours where they are wanted', () => {
    const [announcement] = [{ type: 'live', service: 'tour', save: 0, duration: 1, stages: {} } as const]
    expect(plain([announcement], { colour: false })).not.toContain('\u001b')
    expect(plain([announcement], { colour: true })).toContain('\u001b[32m✓ live\u001b[39m')
  })
})

describe('ndjson lines', () => {
  const json = (announcement: Announcement): string => {
    let written = ''
    const output = {
      write: (text: string) => {
        written += text
      },
    }
    createNdjsonReporter(output, () => Date.parse('2026-01-01T10:00:00Z')).tell(announcement)
    return written
  }

  it('are one object with its version and time', () => {
    expect(json({ type: 'config', state: 'reloaded' })).toBe(
      '{"v":1,"at":"2026-01-01T10:00:00.000Z","type":"config","state":"reloaded"}\n',
    )
  })

  it('keep a log line as it is, on one line', () => {
    const text = '\u001b[31mone\ntwo\r'
    const written = json(log(text))
    expect(written.indexOf('\n')).toBe(written.length - 1)
    expect(written).not.toContain('\u001b')
    expect(JSON.parse(written)).toMatchObject({ type: 'log', text })
  })

  it('say a problem in words too', () => {
    const problem = {
      kind: 'cluster-missing',
      message: 'there is no cluster kind-dev',
      hint: 'make it',
    } as const
    expect(JSON.parse(json({ type: 'problem', final: true, problem }))).toMatchObject({
      type: 'problem',
      problem,
      explanation: { title: 'there is no cluster to work on', hints: ['make it'] },
    })
  })
})
