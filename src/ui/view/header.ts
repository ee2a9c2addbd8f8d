import { overridesOf, overrideText } from '../../core/overrides/overrides.js'
import type { State } from '../../core/state.js'
import { type Row, type Span, span, spread } from './row.js'
import { saveLine } from './save-line.js'
import { serviceViews, type ViewContext } from './service-view.js'

/** Two rows: where it all runs and how much of it is live, and the answer to: is my last save live? */
export function headerRows(context: ViewContext, columns: number): readonly Row[] {
  return [placeRow(context, columns), saveLine(context)]
}

function placeRow(context: ViewContext, columns: number): Row {
  const { state } = context
  const views = serviceViews(context)
  const live = views.filter(({ phase }) => phase === 'live').length
  const left = [
    span(state.project.name, 'strong'),
    span(' on '),
    ...clusterSpans(state),
    ...watchSpans(state),
    ...overridesOf(state).flatMap(one => [span(' · '), span(overrideText(one), 'warn')]),
  ]
  const tone = live === views.length ? 'good' : 'plain'
  const right = views.length === 0 ? [] : [span(`${live}/${views.length} live`, tone)]
  return spread(left, right, columns)
}

function clusterSpans({ cluster, project, mode }: State): readonly Span[] {
  if (!mode.deploy) return [span('no cluster')]
  switch (cluster.kind) {
    case 'connected':
      return cluster.link.up
        ? [span(cluster.context, 'accent'), span(` ${cluster.version}`, 'dim')]
        : [
            span(cluster.context, 'accent'),
            span(' '),
            span(' CONNECTION LOST ', 'alarm'),
            span(` ${cluster.link.message}`, 'bad'),
          ]
    case 'connecting':
      return [span(`${nameOf(project.cluster)}: `, 'accent'), span(cluster.message ?? 'connecting', 'busy')]
    case 'absent':
      return cluster.problem === undefined
        ? [span(nameOf(project.cluster), 'accent')]
        : [span(nameOf(project.cluster), 'accent'), span(' '), span(' NO CLUSTER ', 'alarm')]
  }
}

function nameOf(cluster: State['project']['cluster']): string {
  switch (cluster.kind) {
    case 'kind':
    case 'k3d':
      return `${cluster.kind}-${cluster.name}`
    case 'minikube':
      return cluster.profile
    case 'context':
      return cluster.name
    case 'process':
      return 'processes'
    case 'auto':
      return 'the local cluster'
  }
}

function watchSpans({ watchProblem, stopping }: State): readonly Span[] {
  if (stopping) return [span(' · '), span('stopping', 'warn')]
  return watchProblem === undefined
    ? [span(' · watching', 'dim')]
    : [span(' · '), span('✗ not watching all files', 'bad')]
}
