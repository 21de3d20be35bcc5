import * as v from 'valibot'

/** One power outlet: which unit of `power`, and its outlet in that unit's own words (`3`, `A5`, `1/7`). */
export interface Outlet {
  readonly unit: string
  readonly outlet: string
}

const says = 'a power outlet as UNIT/OUTLET, like pdu1/3'

/** `pdu1/3` in the file; a unit and its outlet when read. What follows the first `/` is the unit's own business. */
export const outlet = v.pipe(
  v.string(says),
  v.regex(/^[A-Za-z][A-Za-z0-9_-]*\/[A-Za-z0-9][A-Za-z0-9_.:/-]*$/, says),
  v.transform((text): Outlet => {
    const slash = text.indexOf('/')
    return { unit: text.slice(0, slash), outlet: text.slice(slash + 1) }
  }),
  v.description(says),
)

/** The outlet as the file writes it. */
export function outletText(outlet: Outlet): string {
  return `${outlet.unit}/${outlet.outlet}`
}

const listed = 'a list of power outlets, like [pdu1/3, pdu2/3]'
export const outlets = v.pipe(v.array(outlet, listed), v.description(listed))
