/** What became of a kind that Kubernetes no longer has, and that nothing equal has taken the place of. */
export interface RemovedKind {
  /** The version of Kubernetes that had it no more. */
  readonly removedIn: string
  readonly remedy: string
}

const PSP: RemovedKind = {
  removedIn: '1.25',
  remedy:
    'Pod Security Admission took its place: label the Namespace with pod-security.kubernetes.io/enforce, and leave this object out.',
}
const WEBHOOKS: RemovedKind = {
  removedIn: '1.22',
  remedy:
    'Write it as admissionregistration.k8s.io/v1, whose webhooks must say sideEffects: None (or NoneOnDryRun) and their admissionReviewVersions.',
}

const REMOVED: Readonly<Record<string, RemovedKind>> = {
  'policy/v1beta1/PodSecurityPolicy': PSP,
  'extensions/v1beta1/PodSecurityPolicy': PSP,
  'apiextensions.k8s.io/v1beta1/CustomResourceDefinition': {
    removedIn: '1.22',
    remedy: 'Write it as apiextensions.k8s.io/v1, where each version has a structural schema of its own.',
  },
  'admissionregistration.k8s.io/v1beta1/MutatingWebhookConfiguration': WEBHOOKS,
  'admissionregistration.k8s.io/v1beta1/ValidatingWebhookConfiguration': WEBHOOKS,
  'certificates.k8s.io/v1beta1/CertificateSigningRequest': {
    removedIn: '1.22',
    remedy: 'Write it as certificates.k8s.io/v1, which needs a signerName and usages.',
  },
  'settings.k8s.io/v1alpha1/PodPreset': {
    removedIn: '1.20',
    remedy: 'Nothing took its place: write its fields into the pod templates, and leave this object out.',
  },
}

/** Undefined for kinds that Kubernetes has, that it never had, or that have an equal successor (see `successorOf`). */
export function removedKind(ref: {
  readonly apiVersion: string
  readonly kind: string
}): RemovedKind | undefined {
  return REMOVED[`${ref.apiVersion}/${ref.kind}`]
}
