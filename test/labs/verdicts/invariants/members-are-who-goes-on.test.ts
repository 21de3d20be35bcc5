import { judged } from '../bearing.ts'
import { changed, lacking, links, type Entry } from '../history.ts'
import { bothLinksFail } from '../rows.ts'
import type { StackStatus } from '../../../../labs/journal/event.ts'

/** What nodeb, which goes on, says in the end; nodea panicked at 3300, and a silent peer is given up after 500 ms. */
const says = (change: (status: StackStatus) => StackStatus, row: readonly Entry[] = bothLinksFail) =>
  changed(row, 'stack', (event, { host, at }) => (host === 'nodeb' && at > 4100 ? change(event) : event))
const hears = (status: StackStatus): StackStatus => ({
  ...status,
  links: Object.fromEntries(links.map((link) => [link, link === 'priv1' ? ['nodea'] : []])),
})
/** The whole run after nodea's death comes so much later, by the survivor's clock as well. */
const later = (by: number) =>
  bothLinksFail.map((entry): Entry => {
    const isStatus = entry.event.type === 'stack' && entry.host === 'nodeb' && entry.at > 4100
    if (entry.at < 4600 || (entry.at < 4610 && !isStatus)) return entry
    return { ...entry, at: entry.at + by, ...(isStatus && { hostAt: (entry.hostAt ?? 0) + by / 1000 }) }
  })

judged('members-are-who-goes-on', {
  'who goes on neither lists nor hears the dead node': [bothLinksFail, 'pass'],
  'it lists it': [says((status) => ({ ...status, members: ['nodea', 'nodeb'] })), 'inconclusive'],
  'it does not say whom it lists': [says((status) => lacking(status, 'members')), 'inconclusive'],
  'it hears it, and it may have spoken a moment ago': [says(hears), 'pass'],
  'it hears it for longer than its time-out allows': [says(hears, later(1000)), 'inconclusive'],
})
