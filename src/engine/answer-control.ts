import { answerIntent } from '../core/answer-intent.js'
import { statusReport } from '../core/status-report.js'
import { liveImages } from '../core/why/live-images.js'
import type { ControlRequest } from '../ports/control-channel.js'
import type { Session } from './session.js'

/** Answers what another command asks of this session: a report, or whether an intent is followed and if not, why. */
export function answerControl(
  session: Session,
  request: Exclude<ControlRequest, { type: 'cluster' | 'client' }>,
  signal: AbortSignal = new AbortController().signal,
): unknown {
  switch (request.type) {
    case 'status':
      return statusReport(session.getState())
    case 'intent': {
      const { accepted, message } = answerIntent(session.getState(), request.intent)
      session.act(request.intent)
      return accepted ? { ok: true, message } : { error: `${request.intent.service}: ${message}` }
    }
    case 'wait':
      return session.untilLive(request.services, signal)
    case 'why':
      return session.why(request.service)
    case 'why-not':
      return session.whyNot(request.path)
    case 'history': {
      const service = session.getState().services[request.service]
      return service === undefined ? undefined : liveImages(service)
    }
  }
}
