import { html } from '../html.js'
import { scene } from '../scene.js'
import { textsOf } from '../texts.js'
import { layout } from './layout.js'

export function homePage({ language, tours }) {
  const t = textsOf(language)
  const card = tour => html`<li class="card">
    ${scene(tour.scene)}
    <div class="card-text">
      <p class="place">${tour.place[language]} · ${t.days(tour.days)}</p>
      <h3><a href="/tours/${tour.id}?lang=${language}">${tour.title[language]}</a></h3>
      <p>${tour.summary[language]}</p>
      <p class="price">${t.price(tour.price)} <span>${t.perPerson}</span></p>
    </div>
  </li>`
  return layout({
    language,
    path: '/',
    body: html`<section class="hero"><h1>${t.shop}</h1><p>${t.lead}</p></section>
    <h2>${t.tours}</h2>
    ${tours === undefined ? html`<p role="alert" class="note">${t.trouble}</p>` : html`<ul class="cards">${tours.map(card)}</ul>`}`,
  })
}
