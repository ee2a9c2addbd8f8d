import { html } from '../html.js'
import { textsOf } from '../texts.js'

/** A whole page. `path` is where it is, for the link to the other language. */
export function layout({ language, title, path, script, body }) {
  const t = textsOf(language)
  const other = language === 'ko' ? 'en' : 'ko'
  const page = html`<!doctype html>
<html lang="${language}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${title === undefined ? t.shop : `${title} · ${t.shop}`}</title>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="/public/style.css">
  ${script === undefined ? undefined : html`<script type="module" src="/public/${script}"></script>`}
</head>
<body>
  <a class="skip" href="#main">${t.skip}</a>
  <header><a class="brand" href="/?lang=${language}">${t.shop}</a><a lang="${other}" hreflang="${other}" href="${path}?lang=${other}">${t.language}</a></header>
  <main id="main">${body}</main>
</body>
</html>
`
  return page.toString()
}
