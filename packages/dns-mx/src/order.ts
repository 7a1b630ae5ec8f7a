/** MX and SRV records to an ordered list of host names. Pure. RFC 5321 §5.1, RFC 2782. */
import { type DnsRecord, type Random, lower } from "@mailkit/sdk";
import { shuffled } from "./addresses.ts";

export interface Candidate {
  readonly name: string;
  readonly preference: number;
  readonly port?: number;
}

/** More hosts than anybody would try; the rest is dropped before their addresses are asked for. */
const MAX_CANDIDATES = 64;

/** Least preference first, equal ones in random order, each name once at its best place. */
export function orderMx(records: readonly DnsRecord[], random: Random): Candidate[] {
  const mixed = shuffled(records, random).sort((a, b) => (a.preference ?? 0) - (b.preference ?? 0));
  return distinct(mixed.map((record) => ({ name: record.data, preference: record.preference ?? 0 })));
}

/** By priority; inside it the weighted draw of RFC 2782, page 3. */
export function orderSrv(records: readonly DnsRecord[], random: Random): Candidate[] {
  const priorities = [...new Set(records.map((record) => record.preference ?? 0))].sort((a, b) => a - b);
  const drawn = priorities.flatMap((priority) =>
    drawByWeight(
      records.filter((record) => (record.preference ?? 0) === priority),
      random,
    ),
  );
  // Each place in the draw gets a rank of its own: the order inside a priority is decided here, once.
  return distinct(
    drawn.map((record, rank) => ({ name: record.data, preference: rank, ...(record.port === undefined ? {} : { port: record.port }) })),
  );
}

function drawByWeight(records: readonly DnsRecord[], random: Random): DnsRecord[] {
  const left = shuffled(records, random).sort((a, b) => Number((a.weight ?? 0) > 0) - Number((b.weight ?? 0) > 0));
  const drawn: DnsRecord[] = [];
  while (left.length > 0) {
    const total = left.reduce((sum, record) => sum + (record.weight ?? 0), 0);
    let ticket = random.below(total + 1);
    const at = left.findIndex((record) => (ticket -= record.weight ?? 0) <= 0);
    drawn.push(...left.splice(at, 1));
  }
  return drawn;
}

function distinct(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Set<string>();
  return candidates
    .filter(({ name, port }) => {
      const key = `${lower(name)}:${port ?? ""}`;
      return !seen.has(key) && seen.add(key).size > 0;
    })
    .slice(0, MAX_CANDIDATES);
}
