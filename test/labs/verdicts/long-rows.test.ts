/** The recordings of the long rows pass as they stand. */
import { describe, expect, it } from 'vitest'
import { judge } from '../../../labs/verdicts/judge.ts'
import { recorded } from './history.ts'
import * as points from './point-rows.ts'
import * as restarts from './restart-rows.ts'
import * as sides from './side-rows.ts'
import * as takeovers from './takeover-rows.ts'

const { bothRebooted, crashedWhileDown, powerLoss, restored } = restarts
const { coordinatorsLost, coordinatorsLostThenLeft, coordinatorsLostThenParted, keysCleared } = points
const rows = {
  ...{ bothRebooted, crashedWhileDown, powerLoss, restored },
  ...{ coordinatorsLost, coordinatorsLostThenLeft, coordinatorsLostThenParted, keysCleared },
  ...sides,
  ...{ pingDecides: takeovers.pingDecides, dataLost: takeovers.dataLost, reserved: takeovers.reserved, switchedOff: takeovers.switchedOff, portClosed: takeovers.portClosed },
  ...{ attackedType1: takeovers.attackedType1, attackedType3: takeovers.attackedType3, attackedType5: takeovers.attackedType5 },
}

describe('whole recordings of long rows', () => {
  it.each(Object.entries(rows))('%s passes', (_, entries) => {
    const { verdict, reasons } = judge(recorded(entries))
    expect(reasons.filter((reason) => reason.bearing !== 'pass')).toEqual([])
    expect(verdict).toBe('pass')
  })
})
