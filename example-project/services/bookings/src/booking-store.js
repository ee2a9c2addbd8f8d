// Bounds the memory; the oldest go first.
const BOOKINGS = 1000

/**
 * Bookings in memory.
 *
 *   reserved ──confirm──► confirmed
 *      └──────expire────► expired
 */
export function createBookingStore() {
  const bookings = new Map()
  const move = (id, status) => {
    const booking = bookings.get(id)
    if (booking?.status !== 'reserved') return undefined
    const moved = { ...booking, status }
    bookings.set(id, moved)
    return moved
  }
  return {
    add(booking) {
      bookings.set(booking.id, booking)
      const [oldest] = bookings.keys()
      if (bookings.size > BOOKINGS) bookings.delete(oldest)
    },
    remove: id => bookings.delete(id),
    find: id => bookings.get(id),
    all: () => [...bookings.values()].reverse(),
    /** The booking, or undefined where it was not reserved any more. */
    confirm: id => move(id, 'confirmed'),
    expire: id => move(id, 'expired'),
  }
}
