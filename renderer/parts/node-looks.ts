/** How nodes look: the place in the testbed gives the colour, the number in the mark and its form tell the rest. */

/** so many colours there are; beyond them the form changes, too */
export const nodeColours = 8

export interface NodeLook {
  /** CSS variable of the colour */
  readonly colour: string
  /** a second round of the colours: drawn hollow, hatched in bars */
  readonly second: boolean
}

export function nodeLook(index: number): NodeLook {
  if (index < 0) return { colour: '--foreign', second: false }
  return { colour: `--node-${index % nodeColours}`, second: Math.floor(index / nodeColours) % 2 === 1 }
}
