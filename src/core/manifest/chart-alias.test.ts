import { expect, test } from 'vitest'
import { withoutAliases } from './chart-alias.js'

const chartFiles: Readonly<Record<string, string>> = {
  shop: 'name: shop\ndependencies: [{ name: redis, alias: cache }, { name: plain }]\n',
  'shop/charts/redis': 'name: redis\ndependencies: [{ name: common, alias: shared }]\n',
}

test.each([
  ['shop/templates/a.yaml', 'shop/templates/a.yaml'],
  ['shop/charts/plain/templates/a.yaml', 'shop/charts/plain/templates/a.yaml'],
  ['shop/charts/cache/templates/a.yaml', 'shop/charts/redis/templates/a.yaml'],
  ['shop/charts/cache/charts/shared/templates/a.yaml', 'shop/charts/redis/charts/common/templates/a.yaml'],
  ['other/charts/cache/templates/a.yaml', 'other/charts/cache/templates/a.yaml'],
])('%s is %s', (named, path) => {
  expect(withoutAliases(named, folder => chartFiles[folder])).toBe(path)
})
