import type { Hold } from '../core/hold.js'

/** What is waited for, in words. */
export function describeHold(hold: Hold): string {
  switch (hold.kind) {
    case 'build-slot':
      return 'for a build to finish'
    case 'shared-build':
      return `for the same image, which ${hold.service} builds`
    case 'requires':
      return `for the image of ${hold.service}, which it builds upon`
    case 'engine':
      return 'for the Docker engine'
    case 'cluster':
      return 'for the cluster'
    case 'manifests':
      return 'for the manifests'
    case 'image':
      return `for the image of ${hold.service}`
    case 'preload':
      return `for ${hold.image} on the nodes`
    case 'depends-on':
      return hold.scaledToZero === true
        ? `for ${hold.name}, which is scaled to zero`
        : `for ${hold.name} to be live`
    case 'check':
      return `for ${hold.check.target} to answer${hold.message === undefined ? '' : ` (${hold.message})`}`
    case 'paused':
      return hold.saves === 0
        ? `for ${hold.service} to be resumed`
        : `for ${hold.service} to be resumed; ${hold.saves} ${hold.saves === 1 ? 'save waits' : 'saves wait'}`
    case 'hook':
      return `for the ${hold.service === undefined ? '' : `${hold.service} `}hook ${hold.stage}`
    case 'hook-lock':
      return `for ${hold.by}, whose hook has the lock of ${hold.hook}`
    case 'object':
      return `for ${nameOf(hold.key)}`
  }
}

/** `deployment/tour` of an object's key. */
function nameOf(key: string): string {
  const [, kind = '', , name = ''] = key.split('/')
  return `${kind.toLowerCase()}/${name}`
}
