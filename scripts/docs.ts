// docs.ts: writes the pages of the docs that are made from the code.
import { writeFile } from 'node:fs/promises'
import { generatedPages } from './docs/generated-pages.js'

for (const [name, text] of Object.entries(generatedPages()))
  await writeFile(new URL(`../docs/${name}`, import.meta.url), text)
