import { describe, expect, it } from 'vitest'
import type { ApplyRejected, Problem } from '../problem.js'
import { isRetried } from './given-up.js'

const rejected = (reason: ApplyRejected['reason'], message = ''): Problem => ({
  kind: 'apply-rejected',
  object: 'service/web',
  reason,
  message,
  fields: [],
})

describe('isRetried', () => {
  it.each<[what: string, problem: Problem, retried: boolean]>([
    ['a namespace that is being deleted', rejected('namespace'), true],
    ['a kind that is not served yet', rejected('no-such-kind'), true],
    ['an error of the server itself', rejected('other'), true],
    [
      'a port that a deleted Service had',
      rejected('invalid', 'spec.ports[0].nodePort: Invalid value: 30019: provided port is already allocated'),
      true,
    ],
    ['a value that is wrong', rejected('invalid', 'spec.replicas: Invalid value: -1'), false],
    ['a field that there is not', rejected('unknown-field'), false],
    ['a refusal of a webhook', rejected('denied'), false],
    [
      'a server that does not answer',
      { kind: 'cluster-unreachable', context: 'kind-dev', message: '' },
      true,
    ],
  ])('%s', (_what, problem, retried) => {
    expect(isRetried(problem)).toBe(retried)
  })
})
