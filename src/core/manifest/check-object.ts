import type { Diagnostic, SourceRange } from '../problem.js'
import { variableNames } from '../variables.js'
import { displayPath, type FieldPath, type Fields, fieldsOf, isFields, itemsOf, valueAt } from './fields.js'
import { nearest } from './nearest.js'
import { podPathOf } from './pod-template.js'

export interface ObjectContext {
  /** The place of a field, or of the nearest field above it. */
  readonly locate: (path: FieldPath) => { readonly range: SourceRange; readonly frame: string }
  readonly variables: Readonly<Record<string, string>> | undefined
  /** Whether a tool made the text: variables are replaced in raw files only. */
  readonly rendered: boolean
}

interface Fault {
  readonly path: FieldPath
  readonly message: string
  readonly suggestion?: string | undefined
}

/** Faults of one object that are plain from the text alone, and that the API server would refuse in harder words or without a line. */
export function checkObject(object: Fields, context: ObjectContext): readonly Diagnostic[] {
  const faults = [
    ...identityFaults(object),
    ...stringFaults(object),
    ...variableFaults(object, context),
    ...selectorFaults(object),
  ]
  return faults.map(({ path, message, suggestion }) => ({
    severity: 'error',
    message,
    ...context.locate(path),
    ...(suggestion === undefined ? {} : { suggestion }),
  }))
}

function identityFaults(object: Fields): readonly Fault[] {
  const faults: Fault[] = []
  for (const key of ['apiVersion', 'kind'] as const) {
    const value = object[key]
    if (value === undefined || value === null || value === '')
      faults.push({ path: [], message: `this object has no ${key}` })
    else if (typeof value !== 'string') faults.push({ path: [key], message: `${key} must be a string` })
  }
  const { metadata } = object
  if (metadata !== undefined && metadata !== null && !isFields(metadata))
    return [...faults, { path: ['metadata'], message: 'metadata must be a map' }]
  const { name, namespace, generateName } = fieldsOf(metadata)
  if (name === undefined || name === null || name === '') {
    faults.push(
      generateName === undefined
        ? { path: ['metadata'], message: `this ${String(object.kind)} has no metadata.name` }
        : {
            path: ['metadata', 'generateName'],
            message: 'generateName makes a new object at each apply, so it cannot be kept up to date',
            suggestion: 'give it a metadata.name',
          },
    )
  } else if (typeof name !== 'string') faults.push(notString(['metadata', 'name'], name))
  if (namespace !== undefined && namespace !== null && typeof namespace !== 'string')
    faults.push(notString(['metadata', 'namespace'], namespace))
  return faults
}

/** Fields whose values must be strings, but that YAML reads as numbers or booleans when they are not quoted. */
function stringFaults(object: Fields): readonly Fault[] {
  const podPath = podPathOf({ apiVersion: object.apiVersion, kind: object.kind })
  const maps: FieldPath[] = [
    ['metadata', 'labels'],
    ['metadata', 'annotations'],
  ]
  const isCore = object.apiVersion === 'v1'
  if (isCore && object.kind === 'ConfigMap') maps.push(['data'])
  if (isCore && object.kind === 'Secret') maps.push(['data'], ['stringData'])
  if (podPath !== undefined && podPath.length > 0)
    maps.push([...podPath, 'metadata', 'labels'], [...podPath, 'metadata', 'annotations'])
  const faults = maps.flatMap(path =>
    Object.entries(fieldsOf(valueAt(object, path))).flatMap(([key, value]) =>
      scalarFault([...path, key], value),
    ),
  )
  if (podPath === undefined) return faults
  const env = ['initContainers', 'containers'].flatMap(list => {
    const listPath = [...podPath, 'spec', list]
    return itemsOf(valueAt(object, listPath)).flatMap((container, at) =>
      itemsOf(fieldsOf(container).env).flatMap((entry, position) =>
        scalarFault([...listPath, at, 'env', position, 'value'], fieldsOf(entry).value),
      ),
    )
  })
  return [...faults, ...env]
}

function scalarFault(path: FieldPath, value: unknown): readonly Fault[] {
  return value === undefined || value === null || typeof value === 'string' ? [] : [notString(path, value)]
}

function notString(path: FieldPath, value: unknown): Fault {
  const shown = typeof value === 'object' ? 'a map or list' : `the ${typeof value} ${String(value)}`
  return {
    path,
    message: `${displayPath(path)} must be a string, not ${shown}`,
    suggestion: typeof value === 'object' ? undefined : 'put it in quotes',
  }
}

/** The names of variables where Kubernetes itself has no use for a `$`: in names, namespaces and images. */
export const variablesIn = (object: Fields): readonly string[] =>
  namingFields(object).flatMap(({ value }) => variableNames(value))

/** A `$NAME` that nothing replaced, where Kubernetes itself has no use for a `$`: it can only be a mistake. */
function variableFaults(
  object: Fields,
  { variables, rendered }: Pick<ObjectContext, 'variables' | 'rendered'>,
): readonly Fault[] {
  return namingFields(object).flatMap(({ path, value }) =>
    variableNames(value).map(name => {
      const message = `${displayPath(path)} has $${name}, but `
      if (rendered)
        return {
          path,
          message: `${message}variables are replaced in raw manifests only`,
          suggestion: 'let a values file, a patch or the command itself say it',
        }
      if (variables === undefined)
        return {
          path,
          message: `${message}variables are not replaced in this file`,
          suggestion: 'set substitute: true for it',
        }
      const near = nearest(name, Object.keys(variables))
      return {
        path,
        message: `${message}no variable of that name is declared`,
        suggestion: near === undefined ? `declare ${name} under variables` : `did you mean $${near}?`,
      }
    }),
  )
}

function namingFields(object: Fields): readonly { readonly path: FieldPath; readonly value: string }[] {
  const paths: FieldPath[] = [
    ['metadata', 'name'],
    ['metadata', 'namespace'],
    ['metadata', 'generateName'],
    ['roleRef', 'name'],
  ]
  itemsOf(object.subjects).forEach((_, at) => {
    paths.push(['subjects', at, 'name'], ['subjects', at, 'namespace'])
  })
  const podPath = podPathOf({ apiVersion: object.apiVersion, kind: object.kind })
  for (const list of podPath === undefined ? [] : ['initContainers', 'containers']) {
    const listPath = [...(podPath ?? []), 'spec', list]
    itemsOf(valueAt(object, listPath)).forEach((_, at) => {
      paths.push([...listPath, at, 'name'], [...listPath, at, 'image'])
    })
  }
  return paths.flatMap(path => {
    const value = valueAt(object, path)
    return typeof value === 'string' && value.includes('$') ? [{ path, value }] : []
  })
}

/** A selector that does not match its own pods: the API server refuses it, with a message that names neither label. */
function selectorFaults(object: Fields): readonly Fault[] {
  const kinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet']
  if (object.apiVersion !== 'apps/v1' || !kinds.includes(String(object.kind))) return []
  const path = ['spec', 'selector', 'matchLabels']
  const labels = fieldsOf(valueAt(object, ['spec', 'template', 'metadata', 'labels']))
  return Object.entries(fieldsOf(valueAt(object, path))).flatMap(([key, value]) => {
    if (labels[key] === value) return []
    const has = labels[key] === undefined ? 'have no such label' : `have ${key}: ${String(labels[key])}`
    return [
      {
        path: [...path, key],
        message: `the selector wants ${key}: ${String(value)}, but the pods of this ${String(object.kind)} ${has}`,
        suggestion: 'make spec.template.metadata.labels and spec.selector.matchLabels agree',
      },
    ]
  })
}
