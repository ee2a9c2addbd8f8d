import { displayRef } from '../kube-object.js'
import { type FieldPath, fieldsOf, itemsOf, stringOf, valueAt } from '../manifest/fields.js'
import type { LinkedObject } from '../manifest/link.js'
import { podPathOf } from '../manifest/pod-template.js'
import type { LintFinding, MissingObject } from './lint-finding.js'
import { podContainers } from './pods.js'

type Reference = Pick<MissingObject, 'kind' | 'name'> & { readonly path: FieldPath }

/** What Kubernetes makes in every namespace. */
const MADE = new Set(['ServiceAccount/default', 'ConfigMap/kube-root-ca.crt'])

/** ConfigMaps, Secrets, claims and ServiceAccounts that pods cannot start without, and that nothing in the manifests makes. */
export function lintReferences(objects: readonly LinkedObject[]): readonly LintFinding[] {
  const made = new Set(objects.map(({ ref }) => `${ref.kind}/${ref.namespace}/${ref.name}`))
  // A Secret may be made of something else by its controller: it has the name that is asked for there.
  const secrets = new Set(objects.flatMap(({ object }) => [secretOf(object)].flatMap(name => name ?? [])))
  return objects.flatMap(object => {
    const namespace = object.ref.namespace ?? 'default'
    const told = new Set<string>()
    return referencesOf(object).flatMap(({ kind, name, path }): LintFinding[] => {
      const key = `${kind}/${name}`
      if (told.has(key) || MADE.has(key) || made.has(`${kind}/${namespace}/${name}`)) return []
      if (kind === 'Secret' && secrets.has(name)) return []
      told.add(key)
      return [
        {
          object,
          path,
          message: `${displayRef(object.ref)} needs ${kind} ${name}, which no manifest makes`,
          missing: { kind, namespace, name },
        },
      ]
    })
  })
}

/** The Secret that a Certificate, SealedSecret or ExternalSecret makes. */
function secretOf(object: LinkedObject['object']): string | undefined {
  switch (object.kind) {
    case 'Certificate':
      return stringOf(valueAt(object, ['spec', 'secretName']))
    case 'SealedSecret':
      return object.metadata.name
    case 'ExternalSecret':
      return stringOf(valueAt(object, ['spec', 'target', 'name'])) ?? object.metadata.name
    default:
      return undefined
  }
}

function referencesOf(object: LinkedObject): readonly Reference[] {
  const root = podPathOf(object.ref)
  if (root === undefined) return []
  const spec = [...root, 'spec']
  return [
    ...ofAccount(object, spec),
    ...itemsOf(valueAt(object.object, [...spec, 'volumes'])).flatMap((volume, at) =>
      ofVolume(volume, [...spec, 'volumes', at]),
    ),
    ...podContainers(object).flatMap(({ path, fields }) => [
      ...itemsOf(fields.envFrom).flatMap((entry, at) => [
        ...reference(entry, 'ConfigMap', ['configMapRef'], [...path, 'envFrom', at]),
        ...reference(entry, 'Secret', ['secretRef'], [...path, 'envFrom', at]),
      ]),
      ...itemsOf(fields.env).flatMap((entry, at) => [
        ...reference(entry, 'ConfigMap', ['valueFrom', 'configMapKeyRef'], [...path, 'env', at]),
        ...reference(entry, 'Secret', ['valueFrom', 'secretKeyRef'], [...path, 'env', at]),
      ]),
    ]),
  ]
}

function ofAccount({ object }: LinkedObject, spec: FieldPath): readonly Reference[] {
  const path = [...spec, 'serviceAccountName']
  const name = stringOf(valueAt(object, path))
  return name === undefined || name === '' ? [] : [{ kind: 'ServiceAccount', name, path }]
}

function ofVolume(volume: unknown, path: FieldPath): readonly Reference[] {
  const projected = itemsOf(valueAt(volume, ['projected', 'sources'])).flatMap((source, at) => [
    ...reference(source, 'ConfigMap', ['configMap'], [...path, 'projected', 'sources', at]),
    ...reference(source, 'Secret', ['secret'], [...path, 'projected', 'sources', at]),
  ])
  const secret = fieldsOf(fieldsOf(volume).secret)
  const claim = stringOf(valueAt(volume, ['persistentVolumeClaim', 'claimName']))
  return [
    ...reference(volume, 'ConfigMap', ['configMap'], path),
    ...(typeof secret.secretName === 'string' && secret.optional !== true
      ? [{ kind: 'Secret' as const, name: secret.secretName, path: [...path, 'secret', 'secretName'] }]
      : []),
    ...(claim === undefined
      ? []
      : [
          {
            kind: 'PersistentVolumeClaim' as const,
            name: claim,
            path: [...path, 'persistentVolumeClaim', 'claimName'],
          },
        ]),
    ...projected,
  ]
}

function reference(
  entry: unknown,
  kind: MissingObject['kind'],
  at: readonly string[],
  path: FieldPath,
): readonly Reference[] {
  const { name, optional } = fieldsOf(valueAt(entry, at))
  return typeof name !== 'string' || name === '' || optional === true
    ? []
    : [{ kind, name, path: [...path, ...at, 'name'] }]
}
