import { explain } from '../../core/explain.js'
import { displayRef } from '../../core/kube-object.js'
import { objectEntries } from '../../core/object-entries.js'
import { objectStatus, serviceStatus } from '../../core/service-status.js'
import type { ObjectState, State } from '../../core/state.js'
import type { ServiceStatus } from '../../core/status/status.js'
import { formatDuration } from '../format.js'
import { busyMark, marks } from './marks.js'
import { type Row, rowOf, type Span, span } from './row.js'
import { type ItemView, isBusy, serviceViews, type ViewContext, workloadViews } from './service-view.js'

/** The answer to: is my last save live? */
export function saveLine(context: ViewContext): Row {
  const { state } = context
  const reading = readingBatch(state)
  if (reading !== undefined) return withMark(busyMark(context.now), span(reading))
  return state.save === 0 ? asFound(context) : ofSave(context)
}

/** A batch of changes that has no number yet: it may turn out to change nothing. */
function readingBatch(state: State): string | undefined {
  if (state.batches.every(({ save }) => save !== undefined)) return undefined
  const names = Object.values(state.services).flatMap(({ name, pending, source }) =>
    pending !== undefined || source.kind === 'scanning' ? [name] : [],
  )
  return `files changed: reading ${names.length === 0 ? 'the manifests' : names.join(', ')}`
}

function asFound(context: ViewContext): Row {
  const { state, now } = context
  const views = serviceViews(context)
  const live = views.filter(({ phase }) => phase === 'live').length
  if (views.length === 0 && isQuiet(state))
    return withMark(marks.live, span('no services: the manifests are watched and kept applied'))
  const failed = [
    ...views.flatMap(({ name, phase }) => (phase === 'failed' ? [name] : [])),
    ...othersOf(state, () => true).flatMap(({ name, status }) => (status.phase === 'failed' ? [name] : [])),
  ]
  if (failed.length > 0)
    return withMark(marks.failed, span(`nothing saved yet; not live as found: ${failed.join(', ')}`, 'bad'))
  const others = workloadViews(context).filter(({ phase }) => isBusy(phase))
  if (live === views.length && others.length === 0 && isQuiet(state))
    return withMark(marks.live, span('nothing saved yet; the tree as found is live', 'good'))
  const isMoving = [...views, ...others].some(({ phase }) => isBusy(phase)) || !isQuiet(state)
  const word = isMoving ? 'starting' : 'nothing saved yet'
  return withMark(
    isMoving ? busyMark(now) : marks.waiting,
    span(`${word}: ${live} of ${views.length} live`),
    ...ofBusy([...views, ...others]),
  )
}

const isQuiet = (state: State): boolean =>
  state.render.manifests !== undefined && state.render.run === undefined && !state.render.due

function ofSave(context: ViewContext): Row {
  const { state, now } = context
  const { save } = state
  const views = serviceViews(context).filter(({ name }) => state.services[name]?.ledger.save === save)
  const what = span(`save ${save}`, 'strong')
  const from = span(filesOf(state, views))
  const others = state.render.save === save ? othersOf(state, object => isOfSave(object, save)) : []
  const statuses = [...views.map(({ name }) => serviceStatus(state, name)), ...others.map(one => one.status)]
  const first = statuses.find(status => status.phase === 'failed')
  if (first !== undefined)
    return withMark(
      marks.failed,
      what,
      from,
      span(` ${failedWord(first)}: ${explain(first.problem).title}`, 'bad'),
    )
  const renderFailed = state.render.problem
  if (views.length === 0 && renderFailed !== undefined)
    return withMark(marks.failed, what, from, span(` failed: ${explain(renderFailed).title}`, 'bad'))
  const moving = new Set(others.flatMap(({ key, status }) => (status.phase === 'live' ? [] : [key])))
  const open = [
    ...views.filter(({ phase }) => phase !== 'live'),
    ...workloadViews(context).filter(({ id }) => moving.has(id)),
  ]
  if (open.length > 0)
    return withMark(
      open.some(({ phase }) => isBusy(phase)) ? busyMark(now) : marks.waiting,
      what,
      from,
      ...ofBusy(open),
    )
  if (views.length === 0 && !isQuiet(state)) return withMark(busyMark(now), what, from, span(' → applying'))
  const took = durationOf(state, views)
  return withMark(
    marks.live,
    what,
    from,
    span(' is live', 'good'),
    span(took === undefined ? '' : ` · ${formatDuration(took)}`),
  )
}

/** Objects that belong to no service, such as the database of all: what of a save they got has no line in any service. */
function othersOf(state: State, isMeant: (object: ObjectState) => boolean) {
  return objectEntries(state.objects).flatMap(([key, object]) =>
    object.linked.services.length === 0 && isMeant(object)
      ? [{ key, name: displayRef(object.linked.ref), status: objectStatus(state, key) }]
      : [],
  )
}

/** Whether the save changes the object, or would if it could be applied. */
const isOfSave = ({ apply }: ObjectState, save: number): boolean =>
  apply.kind === 'failed' || (apply.kind !== 'pending' && apply.save === save)

const failedWord = ({ final, problem }: Extract<ServiceStatus, { phase: 'failed' }>): string =>
  final || problem.kind !== 'rollout-failed' ? 'failed' : 'is failing'

/** Services that the line names; the table has all. */
const NAMED = 3

/** ` → tour building 3.1 s, auth waits …`. */
function ofBusy(views: readonly ItemView[]): readonly Span[] {
  const open = views.filter(({ phase }) => phase !== 'live')
  const shown = open
    .slice(0, NAMED)
    .flatMap(({ name, way: { current } }, at) => [
      span(at === 0 ? ' → ' : ', ', 'dim'),
      span(`${name} `),
      span(current.text, current.tone),
    ])
  return open.length > NAMED ? [...shown, span(`, ${open.length - NAMED} more`, 'dim')] : shown
}

/** ` (tour: src/app.ts)`; of a save of manifests nothing. */
function filesOf(state: State, views: readonly ItemView[]): string {
  const parts = views.flatMap(({ name }) => {
    const source = state.services[name]?.source
    if (source?.kind !== 'known' || source.save !== state.save) return []
    const [first, ...others] = source.changed
    if (first === undefined) return [name]
    return [`${name}: ${first}${others.length === 0 ? '' : ` +${others.length}`}`]
  })
  if (parts.length > 0) return ` (${parts.slice(0, 3).join('; ')}${parts.length > 3 ? '; …' : ''})`
  return state.render.save === state.save ? ' (manifests)' : ''
}

/** From the save to the moment at which the last of its services was live. */
function durationOf(state: State, views: readonly ItemView[]): number | undefined {
  const took = views.flatMap(({ name }) => {
    const ledger = state.services[name]?.ledger
    return ledger?.liveAt === undefined ? [] : [ledger.liveAt - ledger.savedAt]
  })
  return took.length === 0 ? undefined : Math.max(...took)
}

const withMark = (
  mark: { readonly sign: string; readonly tone: Span['tone'] },
  ...spans: readonly Span[]
): Row => rowOf(span(`${mark.sign} `, mark.tone), ...spans)
