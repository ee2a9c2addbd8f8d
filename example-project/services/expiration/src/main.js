import { openEvents } from './events.js'
import { createExpirer } from './expirer.js'
import { openExpiryQueue } from './expiry-queue.js'
import { serveHttp } from './service/http-service.js'
import { createLog } from './service/log.js'
import { requiredSetting } from './service/settings.js'

const { env } = process
const log = createLog('expiration')
const events = openEvents({
  url: requiredSetting(env, 'NATS_URL'),
  clientId: requiredSetting(env, 'NATS_CLIENT_ID'),
  log,
})
const queue = openExpiryQueue({ url: requiredSetting(env, 'REDIS_URL'), log })
const expirer = createExpirer({
  queue,
  log,
  expire: async bookingId => {
    await events.publish('booking.expired', { bookingId })
    log.info('booking expired', { bookingId })
  },
})

void events.consume('booking.created', {
  queue: 'expiration',
  handle: async ({ bookingId, expiresAt }) => {
    await queue.add(bookingId, Date.parse(expiresAt))
    log.info('expiry scheduled', { bookingId, expiresAt })
    expirer.wake()
  },
})
// What an earlier worker left behind.
expirer.wake()

serveHttp({
  env,
  log,
  routes: [],
  isReady: () => events.isReady() && queue.isReady(),
  onStop: async () => {
    expirer.stop()
    await events.close()
    queue.close()
  },
})
