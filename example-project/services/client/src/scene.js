import { html } from './html.js'

const shapes = {
  coast: hue => html`<path d="M0 150q50-22 100 0t100 0 100 0 100 0v90H0z" fill="hsl(${hue} 62% 46%)"/>
    <path d="M0 182q50-18 100 0t100 0 100 0 100 0v60H0z" fill="hsl(${hue} 68% 36%)"/>
    <path d="M250 150c22-52 62-66 92-30l58 34v12H240z" fill="hsl(${hue - 50} 30% 34%)"/>`,
  mountain:
    hue => html`<path d="M0 190 92 84l52 58 70-96 96 112 40-40 50 66v66H0z" fill="hsl(${hue} 55% 46%)"/>
    <path d="m0 214 80-52 70 34 92-58 78 50 80-28v80H0z" fill="hsl(${hue} 62% 34%)"/>`,
  city: hue => html`<path d="M0 240v-70h34v-40h38v54h26V96h44v88h30v-62h40v62h34V112h36v72h30v-44h40v44h48v56z" fill="hsl(${hue} 36% 26%)"/>
    <path d="M0 204q200-96 400 0" fill="none" stroke="hsl(45 95% 72%)" stroke-width="4"/>
    <path d="M0 206h400" stroke="hsl(45 95% 72%)" stroke-width="3" stroke-dasharray="2 10"/>`,
  hills: hue => html`<path d="M0 240v-60q70-70 150-8 60-74 140-6 60-40 110 8v66z" fill="hsl(${hue} 34% 36%)"/>
    <path d="M0 240v-26q110-50 220-8t180-8v42z" fill="hsl(${hue} 40% 27%)"/>`,
}

/** A picture of a tour, drawn from its data; it says nothing that the text does not. */
export function scene({ kind, hue }) {
  const shape = shapes[kind] ?? shapes.hills
  const id = `sky-${kind}-${hue}`
  return html`<svg class="scene" viewBox="0 0 400 240" preserveAspectRatio="xMidYMid slice" aria-hidden="true" focusable="false">
    <defs><linearGradient id="${id}" x1="0" y1="0" x2="0" y2="1">
      <stop offset="0" stop-color="hsl(${hue} 70% 78%)"/><stop offset="1" stop-color="hsl(${hue + 30} 85% 92%)"/>
    </linearGradient></defs>
    <rect width="400" height="240" fill="url(#${id})"/><circle cx="306" cy="62" r="26" fill="hsl(42 100% 88%)"/>
    ${shape(hue)}</svg>`
}
