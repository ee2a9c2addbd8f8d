import { readFile } from 'node:fs/promises'

const TYPES = { 'style.css': 'text/css; charset=utf-8', 'booking.js': 'text/javascript; charset=utf-8' }

/** Routes of the files in `public`, read once. */
export function publicFiles() {
  return Promise.all(
    Object.entries(TYPES).map(async ([name, type]) => {
      const text = await readFile(new URL(`../public/${name}`, import.meta.url), 'utf8')
      const headers = { 'content-type': type, 'cache-control': 'no-cache' }
      return {
        method: 'GET',
        path: new RegExp(`^/public/${name.replace('.', '\\.')}$`),
        handle: () => ({ headers, text }),
      }
    }),
  )
}
