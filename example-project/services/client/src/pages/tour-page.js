import { html } from '../html.js'
import { scene } from '../scene.js'
import { textsOf } from '../texts.js'
import { layout } from './layout.js'

/** `reviews` is undefined while they cannot be reached; `problem` says why a form that was sent had no effect. */
export function tourPage({ language, tour, reviews, problem }) {
  const t = textsOf(language)
  return layout({
    language,
    title: tour.title[language],
    path: `/tours/${tour.id}`,
    body: html`<p><a href="/?lang=${language}">← ${t.back}</a></p>
    <article class="tour">
      <div class="picture">${scene(tour.scene)}</div>
      <div>
        <p class="place">${tour.place[language]} · ${t.days(tour.days)} · ${t.group(tour.groupSize)}</p>
        <h1>${tour.title[language]}</h1>
        <p class="lead">${tour.summary[language]}</p>
        <p class="price">${t.price(tour.price)} <span>${t.perPerson}</span></p>
        ${problem === undefined ? undefined : html`<p role="alert" class="note">${problem}</p>`}
        <form method="post" action="/tours/${tour.id}/book?lang=${language}">
          <h2>${t.book}</h2>
          <p>${t.hold}</p>
          <label>${t.name}<input name="name" required maxlength="60" autocomplete="name"></label>
          <label>${t.seats}<input name="seats" type="number" min="1" max="${tour.groupSize}" value="2" required></label>
          <button>${t.book}</button>
        </form>
      </div>
    </article>
    <section aria-labelledby="reviews"><h2 id="reviews">${t.reviews}</h2>
      ${reviewList(t, reviews)}
      <details><summary>${t.writeReview}</summary>
        <form method="post" action="/tours/${tour.id}/reviews?lang=${language}">
          <label>${t.name}<input name="author" required maxlength="60" autocomplete="name"></label>
          <label>${t.rating}<select name="stars">${[5, 4, 3, 2, 1].map(count => html`<option value="${count}">${t.stars(count)}</option>`)}</select></label>
          <label>${t.review}<textarea name="text" required maxlength="600" rows="3"></textarea></label>
          <button>${t.send}</button>
        </form>
      </details>
    </section>`,
  })
}

function reviewList(t, reviews) {
  if (reviews === undefined) return html`<p role="alert" class="note">${t.trouble}</p>`
  if (reviews.length === 0) return html`<p>${t.noReviews}</p>`
  const item = ({ author, stars, text }) => html`<li>
    <p><span class="stars" role="img" aria-label="${t.stars(stars)}">${'★'.repeat(stars)}${'☆'.repeat(5 - stars)}</span> <b>${author}</b></p>
    <p>${text}</p></li>`
  return html`<ul class="reviews">${reviews.map(item)}</ul>`
}
