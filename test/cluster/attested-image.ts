import { createHash } from 'node:crypto'
import { type Pack, pack } from 'tar-stream'

/** An OCI archive as BuildKit exports one: an index of a linux/amd64 image, whose `/file` holds its reference, and its attestation. */
export function attestedImage(reference: string): Pack {
  const layer = tarOf([
    { name: 'bin/busybox', content: '#!/bin/sh\n', mode: 0o755 },
    { name: 'file', content: reference, mode: 0o644 },
  ])
  const config = json({
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: [digest(layer)] },
    history: [{ created_by: 'COPY file /file' }],
  })
  const image = json(manifest(config, { mediaType: `${OCI}.layer.v1.tar`, content: layer }))
  const statement = json({ predicateType: 'https://slsa.dev/provenance/v0.2' })
  const noConfig = json({
    architecture: 'unknown',
    os: 'unknown',
    config: {},
    rootfs: { type: 'layers', diff_ids: [digest(statement)] },
  })
  const attestation = json(
    manifest(noConfig, { mediaType: 'application/vnd.in-toto+json', content: statement }),
  )
  const index = json({
    schemaVersion: 2,
    mediaType: `${OCI}.index.v1+json`,
    manifests: [
      { ...descriptor(`${OCI}.manifest.v1+json`, image), platform: { architecture: 'amd64', os: 'linux' } },
      {
        ...descriptor(`${OCI}.manifest.v1+json`, attestation),
        platform: { architecture: 'unknown', os: 'unknown' },
        annotations: {
          'vnd.docker.reference.type': 'attestation-manifest',
          'vnd.docker.reference.digest': digest(image),
        },
      },
    ],
  })
  const archive = pack()
  for (const blob of [layer, config, image, statement, noConfig, attestation, index])
    archive.entry({ name: `blobs/sha256/${digest(blob).slice('sha256:'.length)}` }, blob)
  archive.entry({ name: 'oci-layout' }, json({ imageLayoutVersion: '1.0.0' }))
  archive.entry(
    { name: 'index.json' },
    json({
      schemaVersion: 2,
      mediaType: `${OCI}.index.v1+json`,
      manifests: [
        {
          ...descriptor(`${OCI}.index.v1+json`, index),
          annotations: { 'io.containerd.image.name': `docker.io/${reference}` },
        },
      ],
    }),
  )
  archive.finalize()
  return archive
}

const OCI = 'application/vnd.oci.image'

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

const digest = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`

const descriptor = (mediaType: string, content: Buffer) => ({
  mediaType,
  digest: digest(content),
  size: content.byteLength,
})

const manifest = (config: Buffer, layer: { readonly mediaType: string; readonly content: Buffer }) => ({
  schemaVersion: 2,
  mediaType: `${OCI}.manifest.v1+json`,
  config: descriptor(`${OCI}.config.v1+json`, config),
  layers: [descriptor(layer.mediaType, layer.content)],
})

function tarOf(
  files: readonly { readonly name: string; readonly content: string; readonly mode: number }[],
): Buffer {
  const blocks = files.map(({ name, content, mode }) => {
    const header = Buffer.alloc(512)
    header.write(name, 0)
    header.write(mode.toString(8).padStart(7, '0'), 100)
    header.write('0000000', 108)
    header.write('0000000', 116)
    header.write(Buffer.byteLength(content).toString(8).padStart(11, '0'), 124)
    header.write('00000000000', 136)
    header.write('        ', 148)
    header.write('0', 156)
    header.write('ustar\u000000', 257)
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    const body = Buffer.alloc(Math.ceil(Buffer.byteLength(content) / 512) * 512)
    body.write(content)
    return Buffer.concat([header, body])
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}
