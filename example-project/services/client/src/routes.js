import { bookingPage } from './pages/booking-page.js'
import { homePage } from './pages/home-page.js'
import { messagePage } from './pages/message-page.js'
import { tourPage } from './pages/tour-page.js'
import { languageOf, textsOf } from './texts.js'

const HEADERS = {
  'content-security-policy': "default-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
}
const page = (text, status = 200) => ({ status, headers: HEADERS, text })
const seeOther = location => ({ status: 303, headers: { location } })

/** The pages. Forms work without JavaScript: each is a POST and a redirect. */
export function pageRoutes({ api }) {
  const failed = (language, { status }) => {
    const shown = status === 404 ? 404 : 503
    return page(messagePage({ language, status: shown }), shown)
  }

  async function showTour({ language, tourId, problem, status }) {
    const [tour, reviews] = await Promise.all([api.tour(tourId), api.reviews(tourId)])
    if (!tour.ok) return failed(language, tour)
    const shown = reviews.ok ? reviews.value.reviews : undefined
    return page(tourPage({ language, tour: tour.value, reviews: shown, problem }), status)
  }

  const get = (path, show) => ({
    method: 'GET',
    path,
    handle: ({ params, query, headers }) => show(languageOf(query, headers), params.id),
  })
  const post = (path, act) => ({
    method: 'POST',
    path,
    handle: ({ params, query, headers, body }) => act(languageOf(query, headers), params.id, body),
  })

  return [
    get(/^\/$/, async language => {
      const tours = await api.tours()
      return page(
        homePage({ language, tours: tours.ok ? tours.value.tours : undefined }),
        tours.ok ? 200 : 503,
      )
    }),
    get(/^\/tours\/(?<id>[^/]+)$/, (language, tourId) => showTour({ language, tourId })),
    post(/^\/tours\/(?<id>[^/]+)\/book$/, async (language, tourId, { name, seats }) => {
      const booked = await api.book({ tourId, name, seats })
      if (booked.ok) return seeOther(`/bookings/${booked.value.id}?lang=${language}`)
      const problem = `${textsOf(language).refused} ${booked.message}`
      return showTour({ language, tourId, problem, status: booked.status })
    }),
    post(/^\/tours\/(?<id>[^/]+)\/reviews$/, async (language, tourId, fields) => {
      const added = await api.addReview(tourId, fields)
      if (added.ok) return seeOther(`/tours/${encodeURIComponent(tourId)}?lang=${language}#reviews`)
      const problem = `${textsOf(language).reviewRefused} ${added.message}`
      return showTour({ language, tourId, problem, status: added.status })
    }),
    get(/^\/bookings\/(?<id>[^/]+)$/, async (language, bookingId) => {
      const booking = await api.booking(bookingId)
      return booking.ok ? page(bookingPage({ language, booking: booking.value })) : failed(language, booking)
    }),
    get(/^\/bookings\/(?<id>[^/]+)\/status$/, async (_language, bookingId) => {
      const booking = await api.booking(bookingId)
      return booking.ok
        ? { headers: HEADERS, json: { status: booking.value.status } }
        : { status: booking.status, json: { error: booking.message } }
    }),
    post(/^\/bookings\/(?<id>[^/]+)\/confirm$/, async (language, bookingId) => {
      const confirmed = await api.confirm(bookingId)
      // 409: confirmed or expired meanwhile, which the booking's page says.
      if (!confirmed.ok && confirmed.status !== 409) return failed(language, confirmed)
      return seeOther(`/bookings/${encodeURIComponent(bookingId)}?lang=${language}`)
    }),
  ]
}
