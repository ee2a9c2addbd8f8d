import type { KubeObject } from '../kube-object.js'
import { type Fields, fieldsOf, itemsOf, stringOf } from '../manifest/fields.js'
import { err, ok, type Result } from '../result.js'
import { type ContainerFault, configFault, contentsOf, type FindObject } from './container-env.js'
import { podField, resourceField } from './field-value.js'
import { rewriteAddresses } from './local-addresses.js'
import type { LocalService } from './local-service.js'

export interface VolumeInput {
  readonly pod: KubeObject
  readonly container: Fields
  readonly objects: FindObject
  readonly services: readonly LocalService[]
}

/** A file of a volume. */
export interface VolumeFile {
  /** Relative to the volume, with `/`. */
  readonly path: string
  readonly content: Uint8Array
  /** Permission bits. */
  readonly mode: number
}

/** What stands on this machine for one mount of a container. */
export type VolumePlan =
  | { readonly kind: 'files'; readonly mountPath: string; readonly files: readonly VolumeFile[] }
  /** A folder that is there for as long as the pod (`lasting: false`), or until its claim is deleted. `subPath` is below it, '' for itself. */
  | {
      readonly kind: 'folder'
      readonly mountPath: string
      readonly name: string
      readonly lasting: boolean
      readonly subPath: string
    }
  /** A folder that is on this machine anyway. */
  | { readonly kind: 'host'; readonly mountPath: string; readonly path: string }

/** What the mounts of a container take on this machine. A kind of volume that only a cluster has is a fault. */
export function planVolumes(input: VolumeInput): Result<readonly VolumePlan[], ContainerFault> {
  const volumes = itemsOf(fieldsOf(input.pod.spec).volumes).map(fieldsOf)
  const plans: VolumePlan[] = []
  for (const mount of itemsOf(input.container.volumeMounts).map(fieldsOf)) {
    const volume = volumes.find(({ name }) => name === mount.name) ?? {}
    const plan = planOf(mount, volume, input)
    if (!plan.ok) return plan
    plans.push(plan.value)
  }
  return ok(plans)
}

function planOf(mount: Fields, volume: Fields, input: VolumeInput): Result<VolumePlan, ContainerFault> {
  const mountPath = (stringOf(mount.mountPath) ?? '/').replace(/(.)\/+$/, '$1')
  const subPath = stringOf(mount.subPath) ?? ''
  const name = stringOf(volume.name) ?? stringOf(mount.name) ?? ''
  if (volume.emptyDir !== undefined) return ok({ kind: 'folder', mountPath, name, lasting: false, subPath })
  const claim = stringOf(fieldsOf(volume.persistentVolumeClaim).claimName)
  if (claim !== undefined) return ok({ kind: 'folder', mountPath, name: claim, lasting: true, subPath })
  const host = stringOf(fieldsOf(volume.hostPath).path)
  if (host !== undefined) {
    const below = subPath === '' ? '' : `/${subPath}`
    return ok({ kind: 'host', mountPath, path: `${host.replace(/\/$/, '')}${below}` })
  }
  const files = filesOf(volume, input)
  if (files === undefined)
    return err(
      configFault(
        `volume "${name}" (${Object.keys(volume).find(key => key !== 'name') ?? 'of no kind'}) needs a cluster`,
      ),
    )
  return files.ok ? ok({ kind: 'files', mountPath, files: belowSubPath(files.value, subPath) }) : files
}

/** With `subPath` a mount is one file (its path is then empty), or a folder of the volume. */
function belowSubPath(files: readonly VolumeFile[], subPath: string): readonly VolumeFile[] {
  if (subPath === '') return files
  return files.flatMap(file =>
    file.path === subPath
      ? [{ ...file, path: '' }]
      : file.path.startsWith(`${subPath}/`)
        ? [{ ...file, path: file.path.slice(subPath.length + 1) }]
        : [],
  )
}

type Files = Result<readonly VolumeFile[], ContainerFault>

/** Undefined for volumes that are no files of objects. */
function filesOf(volume: Fields, input: VolumeInput): Files | undefined {
  if (volume.configMap !== undefined) return ofObject('ConfigMap', fieldsOf(volume.configMap), 'name', input)
  if (volume.secret !== undefined) return ofObject('Secret', fieldsOf(volume.secret), 'secretName', input)
  if (volume.downwardAPI !== undefined) return ok(ofPod(fieldsOf(volume.downwardAPI), input))
  if (volume.projected === undefined) return undefined
  const all: VolumeFile[] = []
  for (const source of itemsOf(fieldsOf(volume.projected).sources).map(fieldsOf)) {
    const files =
      source.configMap !== undefined
        ? ofObject('ConfigMap', fieldsOf(source.configMap), 'name', input)
        : source.secret !== undefined
          ? ofObject('Secret', fieldsOf(source.secret), 'name', input)
          : ok(source.downwardAPI === undefined ? [] : ofPod(fieldsOf(source.downwardAPI), input))
    if (!files.ok) return files
    all.push(...files.value)
  }
  return ok(all)
}

function ofObject(
  kind: 'ConfigMap' | 'Secret',
  source: Fields,
  nameKey: string,
  { objects, services, pod }: VolumeInput,
): Files {
  const name = stringOf(source[nameKey]) ?? ''
  const object = objects(kind, name)
  if (object === undefined)
    return source.optional === true ? ok([]) : err(configFault(`${kind.toLowerCase()} "${name}" not found`))
  const contents = contentsOf(object)
  const scope = { services, namespace: pod.metadata.namespace ?? 'default' }
  const isText = (key: string) => kind === 'ConfigMap' && Object.hasOwn(fieldsOf(object.data), key)
  const fileOf = (key: string, path: string, mode: unknown): VolumeFile => ({
    path,
    content: isText(key)
      ? new TextEncoder().encode(rewriteAddresses(`${fieldsOf(object.data)[key]}`, scope))
      : (contents[key] ?? new Uint8Array()),
    mode: modeOf(mode ?? source.defaultMode),
  })
  if (source.items === undefined) return ok(Object.keys(contents).map(key => fileOf(key, key, undefined)))
  const files: VolumeFile[] = []
  for (const item of itemsOf(source.items).map(fieldsOf)) {
    const key = stringOf(item.key) ?? ''
    if (contents[key] === undefined) {
      if (source.optional === true) continue
      return err(configFault(`references non-existent ${kind.toLowerCase()} key: ${key}`))
    }
    files.push(fileOf(key, stringOf(item.path) ?? key, item.mode))
  }
  return ok(files)
}

function ofPod(source: Fields, { pod, container }: VolumeInput): readonly VolumeFile[] {
  return itemsOf(source.items)
    .map(fieldsOf)
    .map(item => {
      const text =
        item.fieldRef === undefined
          ? resourceField(pod, container, fieldsOf(item.resourceFieldRef))
          : podField(pod, stringOf(fieldsOf(item.fieldRef).fieldPath) ?? '')
      return {
        path: stringOf(item.path) ?? '',
        content: new TextEncoder().encode(text ?? ''),
        mode: modeOf(item.mode ?? source.defaultMode),
      }
    })
}

const modeOf = (mode: unknown): number => (typeof mode === 'number' ? mode : 0o644)
