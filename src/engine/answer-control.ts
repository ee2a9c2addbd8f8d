import { answerIntent } from '../core/answer-intent.js'
import { statusReport } from '../core/status-report.js'
import type { ControlRequest } from '../ports/control-channel.js'
import type { Session } from './session.js'

/** Answers what another command asks of this session: a report, or whether an intent is followed and if not, why. */
export function answerControl(session: Session, request: ControlRequest): unknown {
  switch (request.type) {
    case 'status':
      return statusReport(session.getState())
    case 'intent': {
      const { accepted, message } = answerIntent(session.getState(), request.intent)
      session.act(request.intent)
      return accepted ? { ok: true } : { error: `${request.intent.service}: ${message}` }
    }
  }
}
