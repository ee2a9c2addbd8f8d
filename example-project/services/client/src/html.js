const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

class Html {
  constructor(text) {
    this.text = text
  }
  toString() {
    return this.text
  }
}

/** A template whose values are escaped, but for other templates and lists of them; undefined and false are left out. */
export function html(strings, ...values) {
  return new Html(String.raw({ raw: strings }, ...values.map(render)))
}

function render(value) {
  if (value instanceof Html) return value.text
  if (Array.isArray(value)) return value.map(render).join('')
  if (value === undefined || value === false) return ''
  return String(value).replace(/[&<>"']/g, character => ESCAPES[character])
}
