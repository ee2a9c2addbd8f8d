import { expect, test } from 'vitest'
import { finding } from '../core/doctor/finding.js'
import { formatDoctor } from './format-doctor.js'

const findings = [
  finding('disk', 'ok', 'room'),
  finding('docker', 'failure', 'no\n answer\u001b[2K', 'start it'),
  finding('time', 'warning', 'late'),
  finding('ports', 'unknown', 'not looked at'),
]

test('a line for each finding, what to do below it, and nothing that a terminal would obey', () => {
  expect(formatDoctor(findings, { colour: false })).toEqual([
    '✓ disk    room',
    '✗ docker  no answer',
    '          → start it',
    '! time    late',
    '– ports   not looked at',
  ])
  expect(formatDoctor(findings, { colour: true })[0]).toBe('\u001b[32m✓\u001b[39m disk    room')
})
