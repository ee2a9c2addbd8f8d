// The newest reviews of a tour are enough for a page, and bound the memory.
const REVIEWS_PER_TOUR = 100
const TOURS = 1000

const first = [
  { tourId: 'jeju-olle', author: '민서', stars: 5, text: '바람과 귤 향기, 다시 걷고 싶어요.' },
  {
    tourId: 'jeju-olle',
    author: 'Ines',
    stars: 4,
    text: 'Bring good shoes: lava is sharp. Worth every step.',
  },
  {
    tourId: 'seoraksan-autumn',
    author: '도윤',
    stars: 5,
    text: '울산바위 계단 808개, 정상에서 다 잊었습니다.',
  },
  {
    tourId: 'busan-night',
    author: 'Marek',
    stars: 5,
    text: 'The bridge at ten in the evening. That is all.',
  },
  { tourId: 'gyeongju-stars', author: '서연', stars: 4, text: '월지의 밤이 아직도 눈에 선해요.' },
]

/** Reviews in memory, newest first. */
export function createReviewStore() {
  const byTour = new Map()
  const add = ({ tourId, author, stars, text }) => {
    const review = {
      id: crypto.randomUUID(),
      tourId,
      author,
      stars,
      text,
      createdAt: new Date().toISOString(),
    }
    byTour.set(tourId, [review, ...(byTour.get(tourId) ?? [])].slice(0, REVIEWS_PER_TOUR))
    const [oldest] = byTour.keys()
    if (byTour.size > TOURS) byTour.delete(oldest)
    return review
  }
  for (const review of first) add(review)
  return { add, of: tourId => byTour.get(tourId) ?? [] }
}
