import { VirtualLab, labIsUp } from '../../main/virtual/virtual-lab.ts'
import { loadTestbed } from '../../main/load-testbed.ts'
import { openTestLab, testbedFile } from './lab.ts'

/** Boots the lab of the tests (a minute under software emulation, seconds from its snapshot) and ends it with them. */
export default async function setup(): Promise<() => Promise<void>> {
  const { directory } = loadTestbed(testbedFile)
  const green = await openTestLab()
  await green.close()
  return async () => {
    if (await labIsUp(directory)) await (await VirtualLab.attach(directory)).down()
  }
}
