import type { KubeObject } from '../kube-object.js'

/** A port of a Service, by number or by name. */
export interface BackendRef {
  readonly namespace: string
  readonly service: string
  readonly port: number | string
}

/** A rule as a person wrote it, for messages and tables. */
export interface RuleRef {
  /** `ingress/tour`, `httproute/api`; `service/tour` for a name of devloop's own. */
  readonly object: string
  readonly namespace: string
  /** `k8s/ingress.yaml:3`; undefined for an object that is in no manifest. */
  readonly place: string | undefined
  readonly host: string
  readonly path: string
}

/** An object that routes, and where it came from. */
export interface RouteSource {
  readonly object: KubeObject
  /** `k8s/ingress.yaml:3`. */
  readonly place?: string
}

/** Something in the routes that does not do what it seems to say. Each is told once. */
export interface RouteFinding {
  /** `ingress/tour in k8s/ingress.yaml:3`. */
  readonly of: string
  readonly message: string
}

/** What a request is routed by. */
export interface RouteRequest {
  readonly method: string
  /** The Host header, as it came. */
  readonly host: string
  /** Path and query, as they came. */
  readonly target: string
  /** By lower-case name; repeated ones joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  /** Uniform in [0, 1): what weights are drawn by. */
  readonly random: number
}

/** Milliseconds; undefined or 0 for none. */
export interface Timeouts {
  readonly connect: number | undefined
  /** Between two reads or writes. */
  readonly idle: number | undefined
  /** From the request's head to the end of the answer. */
  readonly total: number | undefined
}

export type HeaderChange =
  | { readonly type: 'set' | 'add'; readonly name: string; readonly value: string }
  | { readonly type: 'remove'; readonly name: string }

/** Cookie affinity as ingress-nginx has it. */
export interface Affinity {
  readonly cookie: string
  readonly mode: 'balanced' | 'persistent'
  /** Attributes of the cookie besides its value: `Path=/; HttpOnly`. */
  readonly attributes: string
  readonly changeOnFailure: boolean
}

export interface ProxyDecision {
  readonly type: 'proxy'
  readonly rule: RuleRef
  readonly backend: BackendRef
  /** Path and query for the pod. */
  readonly target: string
  /** The Host header for the pod; undefined leaves it as it came. */
  readonly host: string | undefined
  readonly requestHeaders: readonly HeaderChange[]
  readonly responseHeaders: readonly HeaderChange[]
  /** Most bytes that a request may have; undefined for no limit. */
  readonly bodyLimit: number | undefined
  readonly timeouts: Timeouts
  readonly affinity: Affinity | undefined
  /** Requests with the same text go to the same pod; undefined lets pods take turns. */
  readonly hash?: string | undefined
  readonly tls: boolean
}

/** Answered here, without a pod. */
export interface AnswerDecision {
  readonly type: 'answer'
  readonly rule: RuleRef
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  /** For the page of an error; empty for none. */
  readonly message: string
}

export type Decision =
  | ProxyDecision
  | AnswerDecision
  /** `host`: nothing serves the name; `path`: it is served, but no rule fits. */
  | { readonly type: 'none'; readonly reason: 'host' | 'path'; readonly message: string }
  /** The request cannot be read as one. */
  | { readonly type: 'bad-request'; readonly message: string }

/** One line of the table of routes. */
export interface RouteRow {
  readonly host: string
  readonly path: string
  readonly kind: string
  readonly backend: string
  readonly rule: string
}

export const backendText = ({ namespace, service, port }: BackendRef): string =>
  `${namespace}/${service}:${port}`
