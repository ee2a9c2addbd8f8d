import { html } from '../html.js'
import { textsOf } from '../texts.js'
import { layout } from './layout.js'

/** What is shown when there is nothing else to show. */
export function messagePage({ language, status }) {
  const t = textsOf(language)
  return layout({
    language,
    path: '/',
    body: html`<section class="hero"><h1>${status === 404 ? t.missing : t.trouble}</h1><p><a href="/?lang=${language}">${t.back}</a></p></section>`,
  })
}
