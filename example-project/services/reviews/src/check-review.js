import { HttpError } from './service/http-service.js'

/** The fields of a review as they were sent, checked; a form sends the stars as text. */
export function checkReview({ author, stars, text }) {
  const count = Number(stars)
  if (typeof author !== 'string' || author.trim() === '' || author.length > 60)
    throw new HttpError(400, 'author must be 1 to 60 characters')
  if (!Number.isInteger(count) || count < 1 || count > 5) throw new HttpError(400, 'stars must be 1 to 5')
  if (typeof text !== 'string' || text.trim() === '' || text.length > 600)
    throw new HttpError(400, 'text must be 1 to 600 characters')
  return { author: author.trim(), stars: count, text: text.trim() }
}
