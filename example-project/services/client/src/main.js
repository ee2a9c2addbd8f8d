import { publicFiles } from './public-files.js'
import { pageRoutes } from './routes.js'
import { serveHttp } from './service/http-service.js'
import { createLog } from './service/log.js'
import { requiredSetting } from './service/settings.js'
import { createShopApi } from './shop-api.js'

const { env } = process
const log = createLog('client')
const api = createShopApi({
  toursUrl: requiredSetting(env, 'TOURS_URL'),
  reviewsUrl: requiredSetting(env, 'REVIEWS_URL'),
  bookingsUrl: requiredSetting(env, 'BOOKINGS_URL'),
  log,
})

// Ready without the others: a page that says what is missing is better than none.
serveHttp({ env, log, routes: [...(await publicFiles()), ...pageRoutes({ api })] })
