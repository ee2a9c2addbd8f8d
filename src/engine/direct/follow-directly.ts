import { isScalable } from '../../core/desired.js'
import type { Intent } from '../../core/intent.js'
import { type Override, overrideText } from '../../core/overrides/overrides.js'
import { AWAY, isAway } from '../../core/overrides/switch.js'
import { err, ok, type Result } from '../../core/result.js'
import type { RevisionName } from '../../core/why/find-revision.js'
import {
  applyOverridden,
  type DirectTools,
  deployedWorkloads,
  recorded,
  refused,
  servicesByKey,
} from './direct-tools.js'
import { newestImage, rollBackDirectly } from './roll-directly.js'
import { switchDirectly } from './switch-directly.js'

/** What can be followed without an `up`. */
export type DirectIntent =
  | {
      readonly type: 'pause' | 'resume' | 'scale-to-zero' | 'scale-back' | 'clear'
      readonly service: string
    }
  | Extract<Intent, { type: 'switch' }>
  | { readonly type: 'rollback'; readonly service: string; readonly to: RevisionName | undefined }

/** Does what an intent asks, with what is recorded for the next `up`; tells in words what was done. */
export function followDirectly(tools: DirectTools, intent: DirectIntent): Promise<Result<string>> {
  switch (intent.type) {
    case 'pause':
      return pause(tools, intent.service)
    case 'resume':
      return resume(tools, intent.service)
    case 'scale-to-zero':
      return scaleToZero(tools, intent.service)
    case 'scale-back':
      return scaleBack(tools, intent.service)
    case 'rollback':
      return rollBackDirectly(tools, intent)
    case 'switch':
      return switchDirectly(tools, intent)
    case 'clear':
      return clear(tools, intent.service)
  }
}

const isOf =
  (type: Override['type'], service: string) =>
  (one: Override): boolean =>
    one.type === type && one.service === service

async function pause({ overrides, clock }: DirectTools, service: string): Promise<Result<string>> {
  const now = overrides.read()
  if (now.some(isOf('paused', service))) return err(refused(`${service}: is paused already`))
  const written = await overrides.write([...now, { type: 'paused', service, since: clock.now() }])
  return written.ok
    ? ok('paused: the next devloop up reads, builds and applies nothing for it until it is resumed')
    : written
}

async function resume({ overrides }: DirectTools, service: string): Promise<Result<string>> {
  const now = overrides.read()
  if (!now.some(isOf('paused', service))) return err(refused(`${service}: is not paused`))
  const written = await overrides.write(now.filter(one => !isOf('paused', service)(one)))
  return written.ok ? ok('resumed') : written
}

async function scaleToZero(tools: DirectTools, service: string): Promise<Result<string>> {
  const now = tools.overrides.read()
  if (now.some(isOf('scaled-to-zero', service))) return err(refused(`${service}: is scaled to zero already`))
  const keys = scalableOf(tools, service)
  if (!keys.ok) return keys
  const next: readonly Override[] = [...now, { type: 'scaled-to-zero', service }]
  const done = await recorded(tools, next, () =>
    applyOverridden(tools, keys.value, { overrides: next, declared: [] }),
  )
  return done.ok ? ok('scaled to zero: it runs no pods until it is scaled back') : done
}

async function scaleBack(tools: DirectTools, service: string): Promise<Result<string>> {
  const now = tools.overrides.read()
  if (!now.some(isOf('scaled-to-zero', service))) return err(refused(`${service}: is not scaled to zero`))
  const keys = scalableOf(tools, service)
  if (!keys.ok) return keys
  const declared = await tools.declared()
  if (!declared.ok) return declared
  const next = now.filter(one => !isOf('scaled-to-zero', service)(one))
  const done = await recorded(tools, next, () =>
    applyOverridden(tools, keys.value, { overrides: next, declared: declared.value }),
  )
  return done.ok ? ok('scaled back to what the manifest says') : done
}

function scalableOf(tools: DirectTools, service: string): Result<readonly string[]> {
  const workloads = deployedWorkloads(tools, service)
  if (!workloads.ok) return workloads
  const keys = workloads.value.flatMap(({ linked }) => (isScalable(linked.ref) ? [linked.key] : []))
  return keys.length > 0
    ? ok(keys)
    : err(refused(`${service}: cannot be scaled: it has no number of replicas`))
}

/** Takes back everything that was asked of a service, or of a Service of that name. */
async function clear(tools: DirectTools, name: string): Promise<Result<string>> {
  const { overrides, journal } = tools
  const services = servicesByKey(tools)
  const now = overrides.read()
  const own = now.filter(one =>
    one.type === 'switched'
      ? one.service.split('/').at(-1) === name ||
        [one.target, ...one.others].some(key => services.get(key)?.includes(name) === true)
      : one.service === name,
  )
  if (own.length === 0) return err(refused(`${name}: has nothing to clear`))
  // The manifests are read only where their numbers count.
  const isCounted = own.some(({ type }) => type === 'switched' || type === 'scaled-to-zero')
  const declared = isCounted ? await tools.declared() : ok([])
  if (!declared.ok) return declared
  const byKey = new Map(declared.value.map(one => [one.key, one.object]))
  if (own.some(one => one.type === 'switched' && isAway(one, byKey.get(one.service))))
    return err(refused(`${name}: ${AWAY}`))
  const images = new Map<string, string>()
  for (const one of own) {
    if (one.type !== 'rolled-back') continue
    const newest = await newestImage(tools, one)
    if (!newest.ok) return newest
    if (newest.value !== undefined) images.set(one.service, newest.value)
  }
  const keys = [...journal.state().objects.keys()].filter(key =>
    own.some(one =>
      one.type === 'switched'
        ? [one.service, one.target, ...one.others].includes(key)
        : one.type !== 'paused' && services.get(key)?.includes(one.service) === true,
    ),
  )
  const next = now.filter(one => !own.includes(one))
  const done = await recorded(tools, next, () =>
    applyOverridden(tools, keys, { overrides: next, declared: declared.value, images }),
  )
  return done.ok ? ok(`cleared: ${own.map(overrideText).join(', ')}`) : done
}
