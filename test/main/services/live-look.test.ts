import { expect, test } from 'vitest'
import { recordOf } from '../../../labs/testbed-file/bed.ts'
import type { Event } from '../../../labs/journal/event.ts'
import { LiveLook } from '../../../main/services/live-look.ts'
import { exampleText, read } from '../../labs/testbed/example.ts'

const testbed = read(exampleText('virtual.yaml'))
const newLook = () => new LiveLook(recordOf({ testbed, file: 'virtual.yaml', text: '' }))
const keys = (stdout: string, over: object = {}): Event => ({
  type: 'keys',
  lun: 'data1',
  device: '/dev/sda',
  action: 'keys',
  exit: 0,
  stdout,
  stderr: '',
  began: 1,
  ended: 2,
  attempt: 1,
  ...over,
})

test('the text of a look can be asked for while looks that are the same follow', () => {
  const look = newLook()
  const first = look.append(keys('first'), { host: 'observer' })
  const second = look.append(keys('second'), { host: 'observer' })
  for (let times = 0; times < 100; times += 1) look.append(keys('', { same: second.seq }), { host: 'observer' })
  expect([look.raw(first.seq), look.raw(second.seq), look.raw(second.seq + 50)]).toEqual(['first', 'second', 'second'])
})

test('what is long ago is forgotten, and was never there is not known', () => {
  const look = newLook()
  const { seq } = look.append(keys('old'), { host: 'observer' })
  for (let times = 0; times < 2000; times += 1) look.append(keys(`${times}`), { host: 'observer' })
  expect([look.raw(seq), look.raw(seq + 1), look.raw(seq + 5000)]).toEqual([undefined, '0', undefined])
})
