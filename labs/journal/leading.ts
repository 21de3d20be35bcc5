/**
 * How many elements at the beginning of a list suit, where all that suit come first: found by halving, for long journals.
 * Who asks for one moment after the other gives the answer before as `guess`: mostly the next is there, or nearby.
 */
export function leading<T>(list: readonly T[], suits: (element: T) => boolean, guess?: number): number {
  for (let near = guess ?? Infinity; near <= list.length && near <= (guess ?? 0) + nearby; near += 1) {
    if (near > 0 && !suits(list[near - 1] as T)) break
    if (near === list.length || !suits(list[near] as T)) return near
  }
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (suits(list[middle] as T)) low = middle + 1
    else high = middle
  }
  return low
}

const nearby = 3
