/**
 * Annotations of ingress-nginx that the gateway on this machine does not follow, and what that means for who develops here.
 * https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/
 */
const UNSERVED: readonly (readonly [name: RegExp, meaning: string])[] = [
  [
    /-snippet$/,
    'lines of nginx are not executed; a controller refuses them, too, unless it was told to allow them',
  ],
  [/^auth-tls-/, 'client certificates are not asked for, and their headers are not set'],
  [
    /^(auth-|enable-global-auth$|satisfy$)/,
    'no login stands in front of the pods, so requests reach them without the headers that it sets',
  ],
  [/^(global-rate-)?limit-/, 'requests are not limited'],
  [
    /^(white|allow|deny)list-source-range$/,
    'addresses are not looked at: every request comes from this machine',
  ],
  [/^(modsecurity-|enable-modsecurity$|enable-owasp)/, 'there is no web application firewall'],
  [/^mirror-/, 'no copies of requests are sent'],
  [/^fastcgi-/, 'the gateway on this machine speaks HTTP/1.1 only'],
  [/^ssl-passthrough$/, 'TLS is not handed through: names are served over plain HTTP'],
  [
    /^proxy-ssl-/,
    'a backend with HTTPS is asked without a certificate of ours, and whatever certificate it has',
  ],
  [/^upstream-hash-by-subset/, 'a text has one pod, and not some of them in turn'],
  [
    /^default-backend$/,
    'while no pod is ready, requests wait and then get a page that says why, not this Service',
  ],
  [/^custom-http-errors$/, 'errors are handed on as the pod sends them'],
  [/^custom-headers$/, 'no headers of a ConfigMap are added'],
  [/^proxy-cookie-(domain|path)$/, 'cookies are handed on as the pod sets them'],
  [/^proxy-redirect-(from|to)$/, 'redirects are handed on as the pod sends them'],
  [/^session-cookie-hash$/, 'ingress-nginx has it no more, and ignores it as well'],
]

/** What tunes nginx, its logs or its certificates, and changes no answer that a browser sees here. */
const NEEDLESS: readonly RegExp[] = [
  /^proxy-(buffering|buffer-size|buffers-number|busy-buffers-size|max-temp-file-size|request-buffering|http-version)$/,
  /^proxy-next-upstream(-tries|-timeout)?$/,
  /^client-body-buffer-size$/,
  /^(service-upstream|load-balance|connection-proxy-header|relative-redirects)$/,
  /^enable-(access-log|rewrite-log|opentracing|opentelemetry)$/,
  /^(opentracing|opentelemetry)-/,
  /^(ssl-ciphers|ssl-prefer-server-ciphers|http2-push-preload|disable-proxy-intercept-errors)$/,
]

/** What it means here that an annotation is not followed; undefined for one that is, or that changes nothing. */
export function unservedMeaning(name: string): string | undefined {
  return UNSERVED.find(([pattern]) => pattern.test(name))?.[1]
}

export const isNeedless = (name: string): boolean => NEEDLESS.some(pattern => pattern.test(name))
