import type http from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { err } from '../../core/result.js'
import type { PodForward } from '../../ports/pod-forward.js'
import { ask, createGatewayRig, type GatewayRig, localForward, viewOf } from '../../testing/gateway-rig.js'

let rig: GatewayRig
beforeEach(async () => {
  rig = await createGatewayRig()
})
afterEach(() => rig.close())

/** A pod that begins to end with the first request, which it leaves without an answer, and another one. The gateway's view has both throughout. */
async function withEnding(isSeen: boolean) {
  const here = localForward()
  const asked: string[] = []
  let isEnding = false
  const ends = await rig.pod('ends', (request: http.IncomingMessage) => {
    asked.push('ends')
    isEnding = isSeen
    request.socket.destroy()
  })
  const stays = await rig.pod('stays', (_, response) => {
    asked.push('stays')
    response.end('stays')
  })
  const forward: PodForward = {
    open: async target =>
      isEnding && target.pod === 'ends'
        ? err({ kind: 'forward-refused', message: 'ends is ending' })
        : here.open(target),
  }
  return { gateway: await rig.open(viewOf({ ready: [ends, stays] }), forward), asked }
}

test.each(['GET', 'HEAD', 'OPTIONS'])(
  'a %s that a pod left unanswered as it ended goes to another one',
  async method => {
    const { gateway, asked } = await withEnding(true)
    expect((await ask(gateway, { method })).status).toBe(200)
    expect(asked).toEqual(['ends', 'stays'])
  },
)

test.each(['POST', 'PUT', 'DELETE'])(
  'a %s that had reached a pod which ended is not sent again, and the page says so',
  async method => {
    const { gateway, asked } = await withEnding(true)
    const answer = await ask(gateway, { method })
    expect(answer.status).toBe(502)
    expect(answer.body).toContain('ends ended before it answered')
    expect(answer.body).toContain(`The ${method} had been sent, and may have been carried out`)
    expect(asked).toEqual(['ends'])
  },
)

test('a request that makes a program close its connection is not handed round', async () => {
  const { gateway, asked } = await withEnding(false)
  const answer = await ask(gateway)
  expect(answer.status).toBe(502)
  expect(answer.body).toContain('ends closed the connection before it answered')
  expect(asked).toEqual(['ends'])
})

test('pods that end one after the other under one request are not asked without end', async () => {
  const here = localForward()
  const ended = new Set<string>()
  const names = ['a', 'b', 'c', 'd', 'e']
  const ready = await Promise.all(
    names.map(name =>
      rig.pod(name, request => {
        ended.add(name)
        request.socket.destroy()
      }),
    ),
  )
  const forward: PodForward = {
    open: async target =>
      ended.has(target.pod)
        ? err({ kind: 'forward-refused', message: `${target.pod} is ending` })
        : here.open(target),
  }
  const gateway = await rig.open(viewOf({ ready }), forward)
  expect((await ask(gateway)).status).toBe(502)
  expect(ended.size).toBe(3)
})
