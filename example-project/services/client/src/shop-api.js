const LIMIT_MS = 3000

/** What the pages need from the other services: `{ ok: true, value }` or `{ ok: false, status, message }`. */
export function createShopApi({ toursUrl, reviewsUrl, bookingsUrl, log }) {
  async function ask(base, path, fields) {
    const init =
      fields === undefined
        ? {}
        : {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(fields),
          }
    try {
      const response = await fetch(new URL(path, base), { ...init, signal: AbortSignal.timeout(LIMIT_MS) })
      const value = await response.json()
      if (response.ok) return { ok: true, value }
      return { ok: false, status: response.status, message: value.error }
    } catch (error) {
      log.warn('a service cannot be reached', {
        url: `${base}${path}`,
        error: error.cause?.message ?? error.message,
      })
      return { ok: false, status: 503, message: 'unreachable' }
    }
  }
  const id = encodeURIComponent
  return {
    tours: () => ask(toursUrl, '/api/tours'),
    tour: tourId => ask(toursUrl, `/api/tours/${id(tourId)}`),
    reviews: tourId => ask(reviewsUrl, `/api/tours/${id(tourId)}/reviews`),
    addReview: (tourId, fields) => ask(reviewsUrl, `/api/tours/${id(tourId)}/reviews`, fields),
    booking: bookingId => ask(bookingsUrl, `/api/bookings/${id(bookingId)}`),
    book: fields => ask(bookingsUrl, '/api/bookings', fields),
    confirm: bookingId => ask(bookingsUrl, `/api/bookings/${id(bookingId)}/confirm`, {}),
  }
}
