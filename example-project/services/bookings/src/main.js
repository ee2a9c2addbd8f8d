import { createBookingStore } from './booking-store.js'
import { openEvents } from './events.js'
import { bookingRoutes } from './routes.js'
import { serveHttp } from './service/http-service.js'
import { createLog } from './service/log.js'
import { numberSetting, requiredSetting } from './service/settings.js'
import { createTourCatalogue } from './tour-catalogue.js'

const { env } = process
const log = createLog('bookings')
const store = createBookingStore()
const events = openEvents({
  url: requiredSetting(env, 'NATS_URL'),
  clientId: requiredSetting(env, 'NATS_CLIENT_ID'),
  log,
})
const catalogue = createTourCatalogue({ url: requiredSetting(env, 'TOURS_URL'), log })

void events.consume('booking.expired', {
  handle: ({ bookingId }) => {
    if (store.expire(bookingId) !== undefined) log.info('booking expired', { bookingId })
  },
})

serveHttp({
  env,
  log,
  routes: bookingRoutes({
    store,
    catalogue,
    events,
    holdSeconds: numberSetting(env, 'BOOKING_HOLD_SECONDS', 30),
    log,
  }),
  isReady: events.isReady,
  onStop: events.close,
})
