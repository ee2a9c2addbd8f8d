import { expect, test } from 'vitest'
import { objectHolds } from '../core/hold.js'
import { err, ok } from '../core/result.js'
import { serviceStatus } from '../core/service-status.js'
import { createRig, deploymentOf } from '../testing/session-rig.js'
import { projectOf, serviceSpec } from '../testing/states.js'

const check = {
  kind: 'http' as const,
  target: 'http://config:8888/health',
  host: 'config',
  port: 8888,
  path: '/health',
  secure: false,
  timeout: 60,
}
const project = projectOf([serviceSpec('a', { checks: [check] })])

async function waiting() {
  const rig = await createRig(project, { manifests: [deploymentOf('a', 'shop/a')] })
  let asked = 0
  let answers = false
  rig.project.endpoints = () => {
    asked++
    return answers ? ok(undefined) : err('Service config has no ready pod')
  }
  ;(await rig.build('a')).succeed()
  await rig.until('asked', ({ checks }) => Object.values(checks).some(({ kind }) => kind === 'unready'))
  return {
    rig,
    asked: () => asked,
    answer: () => {
      answers = true
    },
  }
}

test('a service waits for its endpoint, with the words of what was found instead', async () => {
  const { rig, answer } = await waiting()
  const state = rig.session.getState()
  expect(objectHolds(state).holdOf('apps/Deployment/shop/a')).toMatchObject({
    kind: 'check',
    check: { target: check.target },
    message: 'Service config has no ready pod',
  })
  expect(rig.cluster.applied.some(({ kind }) => kind === 'Deployment')).toBe(false)
  answer()
  rig.clock.advance(500)
  await rig.live('a', 0)
  await rig.session.stop()
})

test('it is asked at growing intervals, and after its time that is a problem until it answers', async () => {
  const { rig, asked, answer } = await waiting()
  rig.clock.advance(100)
  await new Promise(setImmediate)
  expect(asked()).toBe(1)
  for (let seconds = 0; seconds <= 60; seconds += 5) {
    const before = asked()
    rig.clock.advance(5000)
    await rig.until(`asked after ${before} times`, () => asked() > before)
    await new Promise(setImmediate)
  }
  await rig.until('told', () => rig.told.some(({ type }) => type === 'problem'))
  expect(serviceStatus(rig.session.getState(), 'a')).toMatchObject({
    phase: 'failed',
    problem: { kind: 'endpoint-unready', target: check.target, seconds: 60 },
  })
  expect(rig.told.filter(({ type }) => type === 'problem')).toHaveLength(1)
  answer()
  rig.clock.advance(5000)
  await rig.live('a', 0)
  expect(rig.told.some(({ type }) => type === 'solved')).toBe(true)
  await rig.session.stop()
})
