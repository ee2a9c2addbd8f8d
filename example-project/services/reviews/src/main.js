import { checkReview } from './check-review.js'
import { createReviewStore } from './review-store.js'
import { serveHttp } from './service/http-service.js'
import { createLog } from './service/log.js'

const log = createLog('reviews')
const store = createReviewStore()
const path = /^\/api\/tours\/(?<tourId>[^/]+)\/reviews$/

serveHttp({
  env: process.env,
  log,
  routes: [
    { method: 'GET', path, handle: ({ params }) => ({ json: { reviews: store.of(params.tourId) } }) },
    {
      method: 'POST',
      path,
      handle: ({ params, body }) => {
        const review = store.add({ tourId: params.tourId, ...checkReview(body) })
        log.info('review added', { tourId: review.tourId, stars: review.stars })
        return { status: 201, json: review }
      },
    },
  ],
})
