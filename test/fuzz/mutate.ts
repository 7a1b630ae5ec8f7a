/** Damage from a seed: octets turned, cut, doubled, zeroed, exchanged. Pure. */
export type Random = () => number;

export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[below(random, from.length)] as T;
}

export interface Damage {
  readonly name: string;
  readonly apply: (octets: Buffer, random: Random) => Buffer;
}

/** Flips one bit. */
export const FLIP: Damage = {
  name: "flip",
  apply: (octets, random) => {
    const at = below(random, octets.length);
    octets[at] = (octets[at] as number) ^ (1 << below(random, 8));
    return octets;
  },
};

export const DAMAGES: readonly Damage[] = [
  FLIP,
  { name: "octet", apply: (octets, random) => octets.fill(below(random, 256), ...range(octets, random, 1)) },
  { name: "noise", apply: (octets, random) => noise(octets, random) },
  { name: "zeros", apply: (octets, random) => octets.fill(0, ...range(octets, random, 600)) },
  { name: "cut", apply: (octets, random) => octets.subarray(0, below(random, octets.length + 1)) },
  { name: "copy", apply: (octets, random) => copied(octets, random) },
  { name: "insert", apply: (octets, random) => spliced(octets, random, 0) },
  { name: "remove", apply: (octets, random) => removed(octets, random) },
];

/** A stretch of at most `longest` octets, short ones as often as long ones. */
function range(octets: Buffer, random: Random, longest: number): [number, number] {
  const from = below(random, octets.length);
  return [from, Math.min(octets.length, from + 1 + Math.floor(random() ** 3 * longest))];
}

function noise(octets: Buffer, random: Random): Buffer {
  const [from, to] = range(octets, random, 100);
  for (let at = from; at < to; at++) octets[at] = below(random, 256);
  return octets;
}

function copied(octets: Buffer, random: Random): Buffer {
  const [from, to] = range(octets, random, 2000);
  octets.copy(octets, below(random, octets.length), from, to);
  return octets;
}

function spliced(octets: Buffer, random: Random, drop: number): Buffer {
  const [from, to] = range(octets, random, 2000);
  const at = below(random, octets.length);
  return Buffer.concat([octets.subarray(0, at), octets.subarray(from, to), octets.subarray(at + drop)]);
}

function removed(octets: Buffer, random: Random): Buffer {
  const [from, to] = range(octets, random, 600);
  return Buffer.concat([octets.subarray(0, from), octets.subarray(to)]);
}
