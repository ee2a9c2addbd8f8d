import { HttpError } from './service/http-service.js'

/** The API of bookings: a seat is held for `holdSeconds`, and then given away unless it was confirmed. */
export function bookingRoutes({ store, catalogue, events, holdSeconds, log }) {
  const found = id => {
    const booking = store.find(id)
    if (booking === undefined) throw new HttpError(404, `there is no booking ${id}`)
    return booking
  }

  async function create({ body }) {
    const { tourId, name } = body
    const seats = Number(body.seats ?? 1)
    if (typeof tourId !== 'string' || tourId === '') throw new HttpError(400, 'tourId is missing')
    if (typeof name !== 'string' || name.trim() === '' || name.length > 60)
      throw new HttpError(400, 'name must be 1 to 60 characters')
    if (!Number.isInteger(seats) || seats < 1) throw new HttpError(400, 'seats must be 1 or more')
    const tour = await catalogue.find(tourId)
    if (seats > tour.groupSize) throw new HttpError(409, `this tour takes at most ${tour.groupSize} people`)
    const now = Date.now()
    const booking = {
      id: crypto.randomUUID(),
      tourId,
      tourTitle: tour.title,
      name: name.trim(),
      seats,
      price: seats * tour.price,
      status: 'reserved',
      createdAt: new Date(now).toISOString(),
      expiresAt: new Date(now + holdSeconds * 1000).toISOString(),
    }
    // Stored first: the hold may run out before the broker's answer is here.
    store.add(booking)
    try {
      await events.publish('booking.created', { bookingId: booking.id, expiresAt: booking.expiresAt })
    } catch (error) {
      store.remove(booking.id)
      log.warn('booking refused', { error: error.message })
      throw new HttpError(503, 'bookings are not possible right now; try again')
    }
    log.info('booking created', { bookingId: booking.id, tourId, seats })
    return { status: 201, headers: { location: `/api/bookings/${booking.id}` }, json: booking }
  }

  function confirm({ params }) {
    const { status } = found(params.id)
    const booking = store.confirm(params.id)
    if (booking === undefined) throw new HttpError(409, `the booking is ${status} already`)
    log.info('booking confirmed', { bookingId: booking.id })
    return { json: booking }
  }

  return [
    { method: 'GET', path: /^\/api\/bookings$/, handle: () => ({ json: { bookings: store.all() } }) },
    { method: 'POST', path: /^\/api\/bookings$/, handle: create },
    {
      method: 'GET',
      path: /^\/api\/bookings\/(?<id>[^/]+)$/,
      handle: ({ params }) => ({ json: found(params.id) }),
    },
    { method: 'POST', path: /^\/api\/bookings\/(?<id>[^/]+)\/confirm$/, handle: confirm },
  ]
}
