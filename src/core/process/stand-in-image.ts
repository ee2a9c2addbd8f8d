import type { ProcessImage } from './process-image.js'

/** What `cluster.process.images` has for an image: a line for the shell, or a program with its arguments, that runs in `folder`. */
export function standInImage(command: string | readonly string[], folder: string): ProcessImage {
  return {
    entrypoint: typeof command === 'string' ? ['/bin/sh', '-c', command] : command,
    command: [],
    env: {},
    workingDir: '/',
    paths: [{ image: '/', host: folder }],
    stopSignal: 'SIGTERM',
    ports: [],
    standIn: true,
  }
}
