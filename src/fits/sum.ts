// The checksum of FITS: 32-bit ones' complement sums and their ASCII form (Appendix J of the standard).

/** Carries beyond 32 bits come back at the low end. */
const folded = (sum: number) => {
  let rest = sum
  while (rest > 0xffffffff) rest = (rest % 2 ** 32) + Math.floor(rest / 2 ** 32)
  return rest
}

/** Words added between two foldings: their exact sum stays under 2^53. */
const wordsBetween = 1 << 20

/** A running sum over bytes that may come in pieces of any length. */
export class OnesComplementSum {
  #sum = 0
  /** Bytes of the word that is not complete yet. */
  #pending = 0
  #pendingBytes = 0

  add(bytes: Uint8Array): void {
    let at = 0
    while (this.#pendingBytes > 0 && at < bytes.length) this.#addByte(bytes[at++]!)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const end = at + Math.floor((bytes.length - at) / 4) * 4
    while (at < end) {
      const stop = Math.min(end, at + 4 * wordsBetween)
      let sum = this.#sum
      for (; at < stop; at += 4) sum += view.getUint32(at)
      this.#sum = folded(sum)
    }
    while (at < bytes.length) this.#addByte(bytes[at++]!)
  }

  #addByte(byte: number): void {
    this.#pending = this.#pending * 256 + byte
    if (++this.#pendingBytes < 4) return
    this.#sum = folded(this.#sum + this.#pending)
    this.#pending = 0
    this.#pendingBytes = 0
  }

  /** The sum so far, an incomplete word filled with zero bytes. */
  get value(): number {
    const rest = this.#pendingBytes === 0 ? 0 : this.#pending * 256 ** (4 - this.#pendingBytes)
    return folded(this.#sum + rest)
  }
}

/** Sum of two sums. */
export const addSums = (a: number, b: number): number => folded(a + b)

/**
 * The 16 characters which, as the value of CHECKSUM in place of 16 zeros, complement an HDU of the given sum to
 * all ones: each byte of the complement in four letters and digits, rotated by one place.
 */
export function encodeChecksum(sum: number): string {
  const complement = 0xffffffff - sum
  const characters = new Array<number>(16)
  for (let byte = 0; byte < 4; byte++) {
    const quarters = fourCharacters(Math.floor(complement / 256 ** (3 - byte)) % 256)
    for (let k = 0; k < 4; k++) characters[4 * k + byte] = quarters[k]!
  }
  return String.fromCharCode(characters[15]!, ...characters.slice(0, 15))
}

/** Four characters from the digit zero upwards whose offsets add up to the byte, none of them punctuation. */
function fourCharacters(byte: number): number[] {
  const quarter = Math.floor(byte / 4)
  const four = [quarter + (byte % 4), quarter, quarter, quarter].map((offset) => offset + 0x30)
  for (let moved = true; moved; ) {
    moved = false
    for (const pair of [0, 2]) {
      if (isPunctuation(four[pair]!) || isPunctuation(four[pair + 1]!)) {
        four[pair]!++
        four[pair + 1]!--
        moved = true
      }
    }
  }
  return four
}

const isPunctuation = (code: number) => (code > 0x39 && code < 0x41) || (code > 0x5a && code < 0x61)
