import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { ok } from '../../core/result.js'
import { createPodLogs } from './pod-logs.js'

const source = {
  namespace: 'shop',
  pod: 'tour-0',
  podUid: 'uid',
  container: 'app',
  restarts: 0,
  containerId: 'a',
}

const line = (nanos: number) => `2026-01-01T10:00:00.00000000${nanos}Z line ${nanos}\n`
const status = (over: object) => [200, JSON.stringify(over)] as const
const pod = (id: string, state: object, lastId?: string, uid = 'uid') =>
  status({
    metadata: { uid },
    status: {
      containerStatuses: [
        {
          name: 'app',
          containerID: `containerd://${id}`,
          state,
          lastState: lastId === undefined ? {} : { terminated: { containerID: `containerd://${lastId}` } },
        },
      ],
    },
  })
const running = pod('a', { running: {} })
const ended = pod('a', { terminated: {} })
const restarted = pod('b', { running: {} }, 'a')
const lost = pod('c', { running: {} }, 'b')
const replaced = pod('x', { running: {} }, undefined, 'other')
const gone = [404, '{}'] as const
const down = [500, 'no'] as const

type Answer = readonly [status: number, body: string | Readable]

/** A log body; ends with an error after its text where it says `cut`, and never where it says `open`. */
function body(text: string, end: 'clean' | 'cut' | 'open' = 'clean'): Answer {
  if (end === 'open') {
    const open = new Readable({ read() {} })
    open.push(Buffer.from(text))
    return [200, open]
  }
  // A generator runs only once it is read, so the cut comes after the text was taken.
  async function* chunks() {
    yield Buffer.from(text)
    if (end === 'cut') throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' })
  }
  return [200, Readable.from(chunks(), { objectMode: false })]
}

/** Pods and logs are answered in turn; the last answer for the pod is given again. */
function setUp(pods: readonly (readonly [number, string])[], logs: readonly Answer[], silence: number) {
  const asked: string[] = []
  const told: string[] = []
  const pending = [...pods]
  const pendingLogs = [...logs]
  const stop = new AbortController()
  const podLogs = createPodLogs({
    firstPause: 1,
    silence,
    http: {
      request: async () => {
        const [code, text] = (pending.length > 1 ? pending.shift() : pending[0]) ?? gone
        return ok({ status: code, headers: {}, warnings: [], body: text })
      },
      stream: async ({ path }) => {
        const query = new URLSearchParams(path.split('?')[1])
        asked.push(
          ['follow', 'previous', 'sinceTime']
            .filter(name => query.has(name))
            .map(name => (name === 'sinceTime' ? `since ${query.get(name)?.slice(11)}` : name))
            .join(' '),
        )
        const [code, content] = pendingLogs.shift() ?? [500, 'no more answers']
        return ok({
          status: code,
          headers: {},
          body: typeof content === 'string' ? Readable.from([Buffer.from(content)]) : content,
        })
      },
    },
  })
  const follow = () =>
    podLogs.follow(source, event => told.push(event.type === 'line' ? event.text : `gap: ${event.message}`), {
      signal: stop.signal,
    })
  return { asked, told, stop, follow }
}

const BEFORE = 'since 09:59:59Z'

test.each<
  [
    string,
    readonly (readonly [number, string])[],
    readonly Answer[],
    readonly string[],
    readonly (string | RegExp)[],
  ]
>([
  ['an ended run is read once', [ended], [body(line(1) + line(2))], [''], ['line 1', 'line 2']],
  [
    'a run that ends while it is followed is read once more',
    [running, running, ended],
    [body(line(1)), body(line(1) + line(2))],
    ['follow', BEFORE],
    ['line 1', 'line 2'],
  ],
  [
    'a cut connection is resumed; an unfinished line is shown once, whole',
    [running, running, running, running, ended],
    [body(`${line(1)}${line(2).slice(0, 34)}`, 'cut'), body(line(1) + line(2), 'cut'), body(line(2))],
    ['follow', `follow ${BEFORE}`, BEFORE],
    ['line 1', 'line 2'],
  ],
  [
    'a silent connection is made anew',
    [running, running, ended],
    [body(line(1), 'open'), body(line(1) + line(2))],
    ['follow', BEFORE],
    ['line 1', 'line 2'],
  ],
  ['the run before is read as such', [restarted], [body(line(1))], ['previous'], ['line 1']],
  [
    'a restart while the log is asked for: the answer may be the next run’s',
    [running, restarted],
    [body('2026-01-01T10:00:09.000000000Z of the next run\n'), body(line(1))],
    ['follow', 'previous'],
    ['line 1'],
  ],
  [
    'another pod of that name while the log is asked for',
    [running, replaced],
    [body('2026-01-01T10:00:09.000000000Z of the other pod\n')],
    ['follow'],
    [/^gap: The pod was replaced/],
  ],
  [
    'a restart that the API server tells late: the answer is the next run’s',
    [running, running, running, running, restarted],
    [body(line(1)), body('2026-01-01T10:00:09.000000000Z of the next run\n'), body(line(1) + line(2))],
    ['follow', `follow ${BEFORE}`, `previous ${BEFORE}`],
    ['line 1', 'line 2'],
  ],
  [
    'the same of a run that had said nothing yet',
    [running, running, running, running, restarted],
    [body('', 'cut'), body('2026-01-01T10:00:09.000000000Z of the next run\n'), body(line(1))],
    ['follow', 'follow', 'previous'],
    ['line 1'],
  ],
  [
    'a log that goes on otherwise was rotated, where no other run comes',
    [...Array(44).fill(running), ended],
    [body(line(1), 'cut'), ...Array.from({ length: 21 }, () => body(line(9), 'cut')), body(line(9))],
    ['follow', ...Array(21).fill(`follow ${BEFORE}`), BEFORE],
    ['line 1', /^gap: The node rotated this log/, 'line 9'],
  ],
  ['a pod that goes leaves its last words', [running, gone], [body(line(1))], ['follow'], ['line 1']],
  ['a pod that was gone before', [gone], [], [], [/^gap: The pod is gone/]],
  ['a run that is out of reach', [lost], [], [], [/^gap: The container was restarted more than once/]],
  [
    'not started yet, and no answer: tried again',
    [down, running, running, ended],
    [[204, ''], [400, 'container "app" is waiting to start: ContainerCreating'], body(line(1))],
    ['follow', 'follow', ''],
    ['line 1'],
  ],
  [
    'cleaned up by the node',
    [restarted],
    [[400, '{"message":"previous terminated container \\"app\\" not found"}']],
    ['previous'],
    [/^gap: The cluster no longer has this log: previous terminated container "app" not found/],
  ],
  [
    'forbidden: said, and tried again',
    [ended],
    [[403, '{"message":"pods is forbidden"}'], body(line(1))],
    ['', ''],
    ['gap: You may not read this log: pods is forbidden', 'line 1'],
  ],
  [
    'the last line without a line end',
    [ended],
    [body(line(1) + line(2).trimEnd())],
    [''],
    ['line 1', 'line 2'],
  ],
])('%s', async (_name, pods, logs, asked, told) => {
  const rig = setUp(pods, logs, 30)
  await rig.follow()
  expect(rig.told).toEqual(told.map(one => (typeof one === 'string' ? one : expect.stringMatching(one))))
  expect(rig.asked).toEqual(asked)
})

test('an abort ends it at once, also while a connection is open', async () => {
  const rig = setUp([running], [body(line(1), 'open')], 60_000)
  const following = rig.follow()
  await expect.poll(() => rig.told).toEqual(['line 1'])
  rig.stop.abort()
  await following
  expect(rig.asked).toEqual(['follow'])
})
