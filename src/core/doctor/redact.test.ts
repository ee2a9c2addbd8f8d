import { expect, test } from 'vitest'
import { redact } from './redact.js'

test.each([
  ['tcp://me:hunter2@build.example:2376', 'tcp://me:•••@build.example:2376'],
  ['ssh://me@build.example', 'ssh://me@build.example'],
  ['Authorization: Bearer abcdefgh12345678', 'Authorization: Bearer •••'],
  ['token: sha256~abcdef at line 3', 'token: ••• at line 3'],
  ['DB_PASSWORD=hunter2, next', 'DB_PASSWORD=•••, next'],
  ['client-key-data: LS0tLS1CRUdJTg==', 'client-key-data: •••'],
  ['mysqld --password hunter2 --port 1', 'mysqld --password ••• --port 1'],
  ['it has eyJhbGciOi.eyJzdWIiOi.c2ln in it', 'it has ••• in it'],
  ['-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----', '•••'],
  [
    'port 8080, for the gateway, is taken by node (pid 12)',
    'port 8080, for the gateway, is taken by node (pid 12)',
  ],
])('%s', (text, kept) => expect(redact(text)).toBe(kept))
