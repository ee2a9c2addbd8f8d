import { Redis } from 'ioredis'

const KEY = 'booking-expiry'

/** Bookings by the time at which they expire, kept in Redis: a worker that restarts forgets none. */
export function openExpiryQueue({ url, log }) {
  const redis = new Redis(url, {
    // Commands wait for the connection, however long it takes to come back.
    maxRetriesPerRequest: null,
    retryStrategy: attempt => Math.min(attempt * 100, 1000),
  })
  let connected = false
  let ever = false
  redis.on('ready', () => {
    connected = true
    ever = true
    log.info('connected to Redis', { url })
  })
  redis.on('close', () => {
    if (connected) log.warn('lost Redis, reconnecting')
    connected = false
  })
  // The first failures of a start are expected, each retry would repeat them, and `close` tells of the rest.
  redis.on('error', () => {})

  return {
    isReady: () => ever,
    add: (bookingId, expiresAt) => redis.zadd(KEY, expiresAt, bookingId),
    remove: bookingId => redis.zrem(KEY, bookingId),
    /** The booking that expires first. */
    async next() {
      const [bookingId, score] = await redis.zrange(KEY, 0, 0, 'WITHSCORES')
      return bookingId === undefined ? undefined : { bookingId, expiresAt: Number(score) }
    },
    close: () => redis.disconnect(),
  }
}
