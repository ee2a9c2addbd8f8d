/** What looks like a credential, and what of it stays. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]+-----[\s\S]*?(?:-----END [A-Z ]+-----|$)/g, '•••'],
  // The user of ssh://user@host is no secret; what stands after its colon is.
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*):[^\s/@]+@/gi, '$1:•••@'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, '$1 •••'],
  [/\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, '•••'],
  [
    /((?:[\w-]*(?:token|passw(?:or)?d|passphrase|secret|api-?_?key|client-key-data|client-certificate-data|credentials?)[\w-]*)\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;]+)/gi,
    '$1•••',
  ],
  [/(--(?:token|passw(?:or)?d|secret|api-?key)[\w-]*\s+)(\S+)/gi, '$1•••'],
]

/** A text without what looks like a credential: the last thing that is done to all that `devloop doctor` prints. */
export function redact(text: string): string {
  return SECRETS.reduce((kept, [pattern, replacement]) => kept.replace(pattern, replacement), text)
}
