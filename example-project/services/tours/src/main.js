import { HttpError, serveHttp } from './service/http-service.js'
import { createLog } from './service/log.js'
import { tours } from './tours.js'

const log = createLog('tours')

serveHttp({
  env: process.env,
  log,
  routes: [
    { method: 'GET', path: /^\/api\/tours$/, handle: () => ({ json: { tours } }) },
    {
      method: 'GET',
      path: /^\/api\/tours\/(?<id>[^/]+)$/,
      handle: ({ params }) => {
        const tour = tours.find(({ id }) => id === params.id)
        if (tour === undefined) throw new HttpError(404, `there is no tour ${params.id}`)
        return { json: tour }
      },
    },
  ],
})
