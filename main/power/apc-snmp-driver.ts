import {
  modelNamed,
  outletForm,
  outletOids,
  pduModels,
  stateRead,
  sysObjectId,
  type PduModel,
  type PduModelName,
} from '../../labs/power/models.ts'
import { withArticle } from '../../labs/power/with-article.ts'
import type { PowerDriver } from './power-driver.ts'
import { PowerError } from './power-error.ts'
import { withSnmp, type SnmpSession, type SnmpTarget } from './snmp-session.ts'

/**
 * APC and Tripp Lite PDUs over SNMP. Each call first asks the unit what it is: read or written with another family's
 * numbers, on would be off.
 */
export function apcSnmpDriver(target: SnmpTarget, name: PduModelName): PowerDriver {
  const { unit } = target
  const model: PduModel = pduModels[name]
  const oids = (outlet: string) => {
    const found = outletOids(model, outlet)
    if (found !== undefined) return found
    const message = `"${outlet}" is no outlet of ${withArticle(model.title)}; write ${outletForm(model)}`
    throw new PowerError('configuration', unit, message)
  }
  const read = async (session: SnmpSession, outlet: string, oid: string) => {
    await expectModel(session, unit, name)
    const value = await session.get(oid)
    if (value !== undefined) return stateRead(model, value)
    throw new PowerError('no-such-outlet', unit, `the ${model.title} has no outlet ${outlet} (nothing is at ${oid})`)
  }
  return {
    unit,
    async state(outlet, signal) {
      const { status } = oids(outlet)
      return withSnmp(target, signal, (session) => read(session, outlet, status))
    },
    async set(outlet, on, signal) {
      const { status, control } = oids(outlet)
      await withSnmp(target, signal, async (session) => {
        // so that an outlet which is not there is not taken for a community that may not write
        await read(session, outlet, status)
        await session.set(control, on ? model.control.on : model.control.off)
      })
    },
  }
}

async function expectModel(session: SnmpSession, unit: string, name: PduModelName): Promise<void> {
  const identity = await session.get(sysObjectId)
  const says = typeof identity === 'string' ? identity : 'nothing'
  const found = modelNamed(says)
  if (found === name) return
  const is =
    found === undefined
      ? `which is no model of this table; use "driver: command" with a tool that knows the unit`
      : `which is model: ${found} (${pduModels[found].title})`
  throw new PowerError(
    'wrong-model',
    unit,
    `the testbed says model: ${name} (${pduModels[name].title}), but the unit's sysObjectID is ${says}, ${is}. Nothing ` +
      'was switched: with the numbers of another model, on may be off',
  )
}
