import type { LinkedObject } from '../../core/manifest/link.js'
import type { Override } from '../../core/overrides/overrides.js'
import { planSwitch, type Switch } from '../../core/overrides/switch.js'
import { cancelled } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { ObservedWorkload } from '../../core/rollout-observation.js'
import { watchNamespace } from '../verify/namespace-watch.js'
import { applyOverridden, type DirectTools, refused } from './direct-tools.js'

/** Milliseconds that the target has to become ready. */
const RAISE_PATIENCE = 300_000

/** Leads a Service to another version, in the same steps, each recorded before it is done: one that was broken off is gone on with by the next. */
export async function switchDirectly(
  tools: DirectTools,
  asked: { readonly service: string; readonly version: string },
): Promise<Result<string>> {
  const declared = await tools.declared()
  if (!declared.ok) return declared
  const owned = tools.journal.state().objects
  const deployed = declared.value.filter(({ key }) => owned.get(key)?.applied !== undefined)
  const before = switchesIn(tools.overrides.read())
  const planned = planSwitch(deployed, asked, before)
  if (!planned.ok)
    return err(
      refused(
        `${asked.service}: ${planned.error}`,
        deployed.length < declared.value.length ? '"devloop up" deploys what is not there yet.' : undefined,
      ),
    )
  const present = before[planned.value.service]
  const isSame = present?.target === planned.value.target
  if (isSame && present?.stage === 'done')
    return err(refused(`${asked.service}: is on ${asked.version} already`))
  let one: Switch | undefined = isSame && present !== undefined ? present : planned.value
  let last = one
  while (one !== undefined) {
    last = one
    const written = await tools.overrides.write([
      ...tools.overrides.read().filter(other => other.type !== 'switched' || other.service !== last.service),
      { type: 'switched', ...last },
    ])
    if (!written.ok) return written
    const stepped = await step(tools, deployed, last)
    if (!stepped.ok) return stepped
    one = stepped.value
  }
  return ok(
    `switched to ${asked.version}: ${nameOf(last.service)} leads to ${nameOf(last.target)}, the other side runs no pods`,
  )
}

/** Does what a stage stands for. The next stage; undefined after the last. */
async function step(
  tools: DirectTools,
  declared: readonly LinkedObject[],
  one: Switch,
): Promise<Result<Switch | undefined>> {
  const overriding = { overrides: tools.overrides.read(), declared }
  switch (one.stage) {
    case 'raising': {
      const raised = await raise(tools, declared, one)
      return raised.ok ? ok({ ...one, stage: 'moving' }) : raised
    }
    case 'moving': {
      const moved = await applyOverridden(tools, [one.service], overriding)
      if (!moved.ok) return moved
      tools.tell(`${nameOf(one.service)} leads to ${nameOf(one.target)}`)
      return ok({ ...one, stage: 'done', lowered: one.others })
    }
    case 'done': {
      const lowered = await applyOverridden(tools, one.lowered, overriding)
      return lowered.ok ? ok(undefined) : lowered
    }
  }
}

/** Brings the target up, and waits until all of its pods are ready. */
async function raise(
  tools: DirectTools,
  declared: readonly LinkedObject[],
  { target, service }: Switch,
): Promise<Result<void>> {
  const overriding = { overrides: tools.overrides.read(), declared }
  const raised = await applyOverridden(tools, [target], overriding)
  if (!raised.ok) return raised
  const [done] = raised.value
  const ref = tools.journal.state().objects.get(target)?.ref
  if (done === undefined || ref === undefined)
    return err(refused(`${nameOf(target)} is not in the cluster`, '"devloop up" brings it.'))
  tools.tell(`${done.object} comes up`)
  const own = new AbortController()
  const signal = AbortSignal.any([tools.signal, own.signal])
  const { observer, clock } = tools
  const { namespace = 'default' } = ref
  const watch = watchNamespace({ observer, clock, namespace, signal })
  const { generation } = done.applied
  const isUp = await watch.until(() => isReady(watch.workloads.get(target), generation), RAISE_PATIENCE)
  own.abort()
  if (isUp) return ok(undefined)
  if (tools.signal.aborted) return err(cancelled)
  return err({
    kind: 'rollout-failed',
    workload: nameOf(target),
    namespace,
    reason: 'deadline',
    message: `was not ready within ${RAISE_PATIENCE / 60_000} minutes; ${nameOf(service)} leads where it did`,
    lastLines: [],
  })
}

function isReady(workload: ObservedWorkload | undefined, applied: number): boolean {
  if (workload === undefined) return false
  const { generation, observedGeneration, desiredReplicas, updatedReplicas, availableReplicas } = workload
  return (
    generation >= applied &&
    observedGeneration >= generation &&
    desiredReplicas > 0 &&
    updatedReplicas >= desiredReplicas &&
    availableReplicas >= desiredReplicas
  )
}

function switchesIn(overrides: readonly Override[]): Readonly<Record<string, Switch>> {
  return Object.fromEntries(
    overrides.flatMap(one => {
      if (one.type !== 'switched') return []
      const { type: _, ...rest } = one
      return [[rest.service, rest]]
    }),
  )
}

/** `apps/Deployment/shop/web` is `deployment/web`. */
function nameOf(key: string): string {
  const [kind = '', name = ''] = [key.split('/').at(1), key.split('/').at(-1)]
  return `${kind.toLowerCase()}/${name}`
}
