import { describe, expect, test } from 'vitest'
import {
  modelNamed,
  outletForm,
  outletOids,
  pduModelNames,
  pduModels,
  stateRead,
  type PduModel,
} from '../../../labs/power/models.ts'
import { actionWritten } from '../../../labs/power/rpdu-mib.ts'

describe('the table of models', () => {
  test('no two families name themselves alike, and each is found by its name', () => {
    const named = pduModelNames.flatMap((name) => pduModels[name].identities.map((identity) => [identity, name]))
    expect(new Set(named.map(([identity]) => identity)).size).toBe(named.length)
    expect(named.map(([identity = '']) => modelNamed(identity))).toEqual(named.map(([, name]) => name))
  })
  test.each(['', '1.3.6.1.4.1.318.1.3.4', '1.3.6.1.4.1.318.1.3.4.50', '1.3.6.1.4.1.850.1.1'])(
    'a unit that names itself "%s" is none of them',
    (identity) => expect(modelNamed(identity)).toBeUndefined(),
  )
  test.each(pduModelNames)('%s: on, off and anything else', (name) => {
    const model: PduModel = pduModels[name]
    const { on, off } = model.status
    expect([on, off, 0, 4, '1', undefined].map((value) => stateRead(model, value))).toEqual([
      'on',
      'off',
      'unknown',
      'unknown',
      'unknown',
      'unknown',
    ])
    expect(model.control.on).not.toBe(model.control.off)
  })
})

test('an outlet as numbers in two OIDs', () => {
  expect(outletOids(pduModels.rpdu, '24')).toEqual({
    status: '1.3.6.1.4.1.318.1.1.12.3.5.1.1.4.24',
    control: '1.3.6.1.4.1.318.1.1.12.3.3.1.1.4.24',
  })
  const plus = {
    status: '1.3.6.1.4.1.318.1.1.6.7.1.1.5.2.1.7',
    control: '1.3.6.1.4.1.318.1.1.6.5.1.1.5.2.1.7',
  }
  expect(outletOids(pduModels['masterswitch-plus'], '2:7')).toEqual(plus)
  expect(outletOids(pduModels['masterswitch-plus'], '2/7')).toEqual(plus)
})

test.each(['0', '', '-1', '1.2', 'A5', '1:2', '1 ', '00001', '12345'])('"%s" is no outlet of a rack PDU', (outlet) => {
  expect(outletOids(pduModels.rpdu, outlet)).toBeUndefined()
  expect(outletForm(pduModels.rpdu)).toBe('the number of an outlet, like 3')
})

test('a MasterSwitch Plus is never taken for switch 1', () => {
  expect(outletOids(pduModels['masterswitch-plus'], '7')).toBeUndefined()
  expect(outletForm(pduModels['masterswitch-plus'])).toBe('switch and outlet, like 1:3')
})

test('what is written to a rack PDU', () => {
  expect([0, 1, 2, 3, 4, 7, '1'].map(actionWritten)).toEqual([
    undefined,
    'on',
    'off',
    'reboot',
    undefined,
    undefined,
    undefined,
  ])
})
