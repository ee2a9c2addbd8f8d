import type { ProcessImage } from '../core/process/process-image.js'

/** An image that runs a script of Node in a folder of this machine, which is `/app` in it. */
export function nodeImage(script: string, folder: string): ProcessImage {
  return {
    entrypoint: [process.execPath, '-e', script],
    command: [],
    env: {},
    workingDir: '/app',
    paths: [{ image: '/app', host: folder }],
    stopSignal: 'SIGTERM',
    ports: [],
    standIn: false,
  }
}
