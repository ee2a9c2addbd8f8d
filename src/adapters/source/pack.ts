// A file of its own, to be imported when first needed: of a CommonJS package that is imported so, the build leaves the default export alone.
export { pack } from 'tar-stream'
