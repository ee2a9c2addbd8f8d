import { HttpError } from './service/http-service.js'

const LIMIT_MS = 2000

/** Asks the tours service. */
export function createTourCatalogue({ url, log }) {
  return {
    async find(tourId) {
      let response
      try {
        response = await fetch(new URL(`/api/tours/${encodeURIComponent(tourId)}`, url), {
          signal: AbortSignal.timeout(LIMIT_MS),
        })
      } catch (error) {
        log.warn('tours cannot be reached', { url, error: error.cause?.message ?? error.message })
        throw new HttpError(503, 'the tours cannot be reached; try again')
      }
      if (response.status === 404) throw new HttpError(404, `there is no tour ${tourId}`)
      if (!response.ok) throw new HttpError(502, `the tours answered ${response.status}`)
      return response.json()
    },
  }
}
