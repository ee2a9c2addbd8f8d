import { html } from '../html.js'
import { textsOf } from '../texts.js'
import { layout } from './layout.js'

/** A booking and what can be done with it. While it is only reserved, `booking.js` counts down and looks whether that changed. */
export function bookingPage({ language, booking }) {
  const t = textsOf(language)
  const path = `/bookings/${booking.id}`
  const reserved = booking.status === 'reserved'
  return layout({
    language,
    title: t.booking,
    path,
    ...(reserved ? { script: 'booking.js' } : {}),
    body: html`<section class="ticket ${booking.status}" data-status-url="${path}/status" data-expires-at="${booking.expiresAt}">
      <p class="place">${t.booking} · ${booking.id.slice(0, 8)}</p>
      <h1 role="status">${t[booking.status]}</h1>
      <dl>
        <dt>${t.tours}</dt><dd>${booking.tourTitle[language]}</dd>
        <dt>${t.name}</dt><dd>${booking.name}</dd>
        <dt>${t.seats}</dt><dd>${booking.seats}</dd>
        <dt>${t.total}</dt><dd>${t.price(booking.price)}</dd>
        ${reserved ? html`<dt>${t.left}</dt><dd data-countdown>…</dd>` : undefined}
      </dl>
      ${reserved ? html`<form method="post" action="${path}/confirm?lang=${language}"><button>${t.confirm}</button></form>` : html`<p><a href="/tours/${booking.tourId}?lang=${language}">${t.again}</a></p>`}
      ${reserved ? html`<noscript><p><a href="${path}?lang=${language}">${t.refresh}</a></p></noscript>` : undefined}
    </section>`,
  })
}
