/** The lowest member lets nodes in and out. It alone changes the membership outside a race. */
import { isCoordinator, noteMemberJoined, saidGoodbye, setMembership } from './change.ts'
import { heardPeers, nodeName } from '../hearing.ts'
import { includesMember } from '../message.ts'
import type { Heartbeat, Member } from '../message.ts'
import { log } from '../policy.ts'
import type { Context, State } from './state.ts'
import { wantSecuredData } from './aftermath.ts'

export function coordinate(context: Context): void {
  const { s, now } = context
  if (s.phase !== 'member' || s.lost.length > 0 || now < s.graceUntil || !isCoordinator(s, now)) return
  letOut(context)
  if (!s.aftermath) letIn(context)
}

function letOut(context: Context): void {
  const { s } = context
  const gone = s.members.filter((member) => saidGoodbye(s, member))
  if (gone.length === 0) return
  changeMembership(
    context,
    s.members.filter((member) => !includesMember(gone, member)),
  )
  for (const member of gone) {
    const node = nodeName(s, member.id)
    log(context, 'info', 'member-left', `node ${node} left`, { node })
  }
  // If the leaver held the reservation, its key is still there: taking it away takes the reservation over.
  wantSecuredData(context)
}

function letIn(context: Context): void {
  const { s, now } = context
  const heard = heardPeers(s, now)
  for (const joiner of heard) {
    if (joiner.phase !== 'joining' || !joiner.ready || s.members.some((member) => member.id === joiner.from)) continue
    if (!isFullMesh(s, joiner, heard)) continue
    const member = { id: joiner.from, incarnation: joiner.incarnation }
    changeMembership(context, [...s.members, member])
    noteMemberJoined(context, member)
  }
}

/** The joiner hears every member and every member hears it: otherwise its first act would be to lose one of them. */
function isFullMesh(s: State, joiner: Heartbeat, heard: readonly Heartbeat[]): boolean {
  return s.members.every((member) => {
    if (!joiner.hears.includes(member.id)) return false
    return member.id === s.self.id || heard.some((peer) => peer.from === member.id && peer.hears.includes(joiner.from))
  })
}

function changeMembership(context: Context, members: readonly Member[]): void {
  const [formed, fences, changes] = context.s.generation
  setMembership(context, members, [formed, fences, changes + 1])
}
