import type { ContextFile } from '../core/build-input.js'
import type { LinkedObject } from '../core/manifest/link.js'
import { contextShares } from '../core/timings/context-shares.js'
import { hasLargeContext, type TimingReport, timingReportOf } from '../core/timings/timing-report.js'
import type { Timings } from '../ports/state-store.js'
import type { Store } from './store.js'

export interface ReportTimingsOptions {
  readonly timings: Pick<Timings, 'records'>
  /** The files of a service's last build context, as far as they were read. */
  readonly filesOf: (service: string) => readonly ContextFile[] | undefined
}

/** Keeps the state's reports on what saves take right: looks again when a save became live or the manifests changed, never on a timer. */
export function reportTimings(
  store: Store,
  { timings, filesOf }: ReportTimingsOptions,
): { readonly refresh: () => void } {
  let seen: readonly unknown[] = []
  return {
    refresh: () => {
      const { services, render, timings: before } = store.getState()
      const records = timings.records()
      const now = [records, render.manifests, Object.keys(services).join()]
      if (records.length === 0 || now.every((part, at) => part === seen[at])) return
      seen = now
      const objects = render.manifests?.objects ?? []
      const reports = Object.keys(services).flatMap((service): readonly TimingReport[] => {
        const files = hasLargeContext(service, records) ? filesOf(service) : undefined
        const report = timingReportOf(service, records, {
          context: files === undefined ? undefined : contextShares(files),
          workloads: workloadsOf(objects, service),
        })
        return report === undefined ? [] : [report]
      })
      if (JSON.stringify(reports) !== JSON.stringify(Object.values(before)))
        store.dispatch({ type: 'timings-reported', reports })
    },
  }
}

/** The workloads that run the image of a service, with the names of its containers in each. */
const workloadsOf = (objects: readonly LinkedObject[], service: string) =>
  objects.flatMap(({ object, isWorkload, services, images }) =>
    isWorkload && services.includes(service)
      ? [
          {
            object,
            containers: images.flatMap(image => (image.service === service ? [image.container] : [])),
          },
        ]
      : [],
  )
