import { createHash } from 'node:crypto'
import type { Announcement } from '../../core/announcement.js'
import type { HookSpec } from '../../core/hooks/hook-spec.js'
import type { PathPattern } from '../../core/hooks/path-pattern.js'
import type { LinkedObject } from '../../core/manifest/link.js'
import type { RenderInputs } from '../../core/manifest/render-inputs.js'
import type { Project } from '../../core/project.js'
import { ok, type Result } from '../../core/result.js'
import { hookEnv } from './hook-env.js'
import { keyOf, outputsDigest } from './read-hooks.js'
import { type HookTools, runHooks } from './run-hooks.js'

/**
 * By hook, the key of the manifests as they were when it was done: of one before rendering those that were read after it, for what it wrote is no reason to
 * run again; of one after rendering what came of them, for reading them again is none either.
 */
export type RenderHookMemory = Map<string, string>

export interface RenderHooks extends HookTools {
  readonly tell: (announcement: Announcement) => void
  /** Of the last reading. */
  readonly inputs: RenderInputs
  readonly left: RenderHookMemory
}

interface Rendering {
  readonly project: Project
  readonly hooks?: RenderHooks
  readonly signal: AbortSignal
}

/** Runs what is to run before the manifests are read, as far as it has something new to read. */
export async function beforeRender({ project, hooks, signal }: Rendering): Promise<Result<void>> {
  if (hooks === undefined) return ok(undefined)
  const own = project.hooks?.beforeRender ?? []
  for (const [index, hook] of own.entries()) {
    const except = own.slice(index).flatMap(one => one.outputs ?? [])
    const key = await keyNow(hook, { except, hooks, inputs: hooks.inputs, signal })
    const last = hook.inputs === undefined ? undefined : hooks.memory.get(hook.id)
    const outputs = await outputsDigest(hook, hooks.files, signal)
    const isFresh = last === undefined ? hooks.left.get(hook.id) === key : last.key === key
    if (isFresh && (last === undefined || last.outputs === outputs)) continue
    const ran = await run([hook], { project, hooks, signal })
    if (!ran.ok) return ran
    if (hook.inputs === undefined) continue
    const noted = await hooks.memory.set(hook.id, {
      key,
      outputs: await outputsDigest(hook, hooks.files, signal),
    })
    if (!noted.ok) return noted
  }
  return ok(undefined)
}

/** Runs what is to run after, as far as something else came of the manifests than when it last succeeded. */
export async function afterRender(
  { project, hooks, signal }: Rendering,
  { inputs, objects }: { readonly inputs: RenderInputs; readonly objects: readonly LinkedObject[] },
): Promise<Result<void>> {
  if (hooks === undefined) return ok(undefined)
  const own = project.hooks?.beforeRender ?? []
  for (const [index, hook] of own.entries()) {
    if (hook.inputs !== undefined) continue
    const except = own.slice(index).flatMap(one => one.outputs ?? [])
    hooks.left.set(hook.id, await keyNow(hook, { except, hooks, inputs, signal }))
  }
  const digest = contentOf(objects)
  for (const hook of project.hooks?.afterRender ?? []) {
    const key = keyOf(hook, digest)
    if (hooks.left.get(hook.id) === key) continue
    const ran = await run([hook], { project, hooks, signal })
    if (!ran.ok) return ran
    hooks.left.set(hook.id, key)
  }
  return ok(undefined)
}

function contentOf(objects: readonly LinkedObject[]): string {
  const hash = createHash('sha256')
  for (const { key, contentHash } of objects) hash.update(`${key} ${contentHash}\n`)
  return hash.digest('hex')
}

function run(
  own: readonly HookSpec[],
  { project, hooks, signal }: Rendering & { readonly hooks: RenderHooks },
): Promise<Result<void>> {
  return runHooks(own, hooks, {
    env: hookEnv(project, 0),
    target: () => undefined,
    onLine: message => hooks.tell({ type: 'notice', message }),
    signal,
  })
}

async function keyNow(
  hook: HookSpec,
  options: {
    readonly except: readonly PathPattern[]
    readonly hooks: RenderHooks
    readonly inputs: RenderInputs
    readonly signal: AbortSignal
  },
): Promise<string> {
  const { except, hooks, inputs, signal } = options
  const patterns =
    hook.inputs ??
    [...inputs.files, ...inputs.trees].map((base): PathPattern => ({ text: base, base, glob: undefined }))
  return keyOf(hook, await hooks.files.digest(patterns, { except, signal }))
}
