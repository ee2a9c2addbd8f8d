import { connect } from '@nats-io/transport-node'

const RECONNECT_MS = 500
const PUBLISH_LIMIT_MS = 2000

/**
 * Events between services, over NATS. The connection is made in the background and again whenever it is lost, so that the order in which
 * pods start does not matter. Another broker is another module with these four methods.
 */
export function openEvents({ url, clientId, log }) {
  let connection
  const connecting = connect({
    servers: url,
    name: clientId,
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_MS,
  }).then(
    made => {
      connection = made
      log.info('connected to NATS', { url })
      void logStatus(made, log)
      return made
    },
    error => {
      log.error('cannot use NATS', { url, error: error.message })
      process.exit(1)
    },
  )

  return {
    /** Whether it was ever connected: a broker that restarts makes no service unready. */
    isReady: () => connection !== undefined,

    /** Resolves when the broker has the event. */
    async publish(subject, event) {
      if (connection === undefined) throw new Error('NATS is not connected yet')
      connection.publish(subject, JSON.stringify(event))
      await within(PUBLISH_LIMIT_MS, connection.flush())
    },

    /** Hands every event of `subject` to one consumer of `queue`. A handler that fails loses its event only. */
    async consume(subject, { queue, handle }) {
      const made = await connecting
      for await (const message of made.subscribe(subject, { queue })) {
        try {
          await handle(message.json())
        } catch (error) {
          log.error('event failed', { subject, error: error.stack })
        }
      }
    },

    async close() {
      await connection?.drain()
    },
  }
}

async function logStatus(connection, log) {
  for await (const { type } of connection.status()) {
    if (type === 'disconnect') log.warn('lost NATS, reconnecting')
    if (type === 'reconnect') log.info('connected to NATS again')
  }
}

async function within(milliseconds, work) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`NATS did not answer in ${milliseconds} ms`)), milliseconds)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
