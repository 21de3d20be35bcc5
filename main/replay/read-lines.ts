import type { FileHandle } from 'node:fs/promises'

export interface ReadLinesOptions {
  /** place in the file at which a line begins */
  readonly from: number
  /** up to where the file is read: what is added meanwhile waits */
  readonly to: number
  /** so much of the file is read at a time */
  readonly pieceBytes?: number
  readonly signal?: AbortSignal
  /** a piece was worked through, and the next one will lie where it does: whatever is still needed of it must be copied */
  readonly onPiece?: (piece: Buffer) => void
}

const usualPiece = 1024 * 1024
const newline = 10

/**
 * Hands every whole line of a part of a file to `take`: the piece in which it lies, its first byte, and its newline. Of a
 * last line without one nothing is said. Rejects where the file cannot be read, or when `signal` aborts.
 */
export async function readLines(
  handle: FileHandle,
  { from, to, pieceBytes = usualPiece, signal, onPiece }: ReadLinesOptions,
  take: (piece: Buffer, from: number, to: number) => void,
): Promise<void> {
  let buffer = Buffer.allocUnsafe(Math.min(2 * pieceBytes, Math.max(0, to - from)))
  let kept = 0
  for (let place = from; place < to;) {
    signal?.throwIfAborted()
    const wanted = Math.min(pieceBytes, to - place)
    if (buffer.length - kept < wanted) buffer = Buffer.concat([buffer], Math.max(2 * buffer.length, kept + wanted))
    const { bytesRead } = await handle.read(buffer, kept, wanted, place)
    if (bytesRead === 0) return
    place += bytesRead
    const piece = buffer.subarray(0, kept + bytesRead)
    let begin = 0
    for (let end = piece.indexOf(newline); end !== -1; end = piece.indexOf(newline, begin)) {
      take(piece, begin, end)
      begin = end + 1
    }
    onPiece?.(piece)
    piece.copy(buffer, 0, begin)
    kept = piece.length - begin
  }
}
