/** How many connections there are, in all and of each host, and whether one more may come in. Pure counting. */

export interface ConnectionLimits {
  /** `smtp_accept_max`; 0 = no limit. */
  readonly max: number;
  /** `smtp_accept_reserve`: of those, for `smtp_reserve_hosts` only. */
  readonly reserve: number;
  /** `smtp_accept_max_per_host`, expanded for this peer; 0 = no limit. */
  readonly perHost: number;
  /** `smtp_load_reserve`; 0 = no limit. */
  readonly loadReserve: number;
  /** As many as there are file descriptors for; undefined = not known. */
  readonly room?: number | undefined;
}

export type Admission = { readonly kind: "ok" } | { readonly kind: "refused"; readonly reply: string; readonly log: string };

export interface Asking {
  readonly address: string;
  /** In `smtp_reserve_hosts`. */
  readonly reserved: boolean;
  readonly load: number;
}

export interface Connections {
  readonly count: number;
  of(address: string): number;
  add(address: string): void;
  remove(address: string): void;
}

export function newConnections(): Connections {
  const hosts = new Map<string, number>();
  let count = 0;
  return {
    get count() {
      return count;
    },
    of: (address) => hosts.get(address) ?? 0,
    add: (address) => {
      count++;
      hosts.set(address, (hosts.get(address) ?? 0) + 1);
    },
    remove: (address) => {
      count--;
      const left = (hosts.get(address) ?? 1) - 1;
      if (left <= 0) hosts.delete(address);
      else hosts.set(address, left);
    },
  };
}

const BUSY = "Too many concurrent SMTP connections; please try again later.";

/** Texts as in the manual's chapter on limits and in Exim's log. */
export function admit(connections: Connections, limits: ConnectionLimits, asking: Asking): Admission {
  const from = `connection from [${asking.address}] refused: `;
  if (limits.max > 0 && connections.count >= limits.max) {
    return { kind: "refused", reply: BUSY, log: `${from}too many connections: count=${connections.count} max=${limits.max}` };
  }
  if (limits.room !== undefined && connections.count >= limits.room) {
    return { kind: "refused", reply: BUSY, log: `${from}too few file descriptors: count=${connections.count} max=${limits.room}` };
  }
  const open = limits.max - limits.reserve;
  if (limits.max > 0 && limits.reserve > 0 && connections.count >= open && !asking.reserved) {
    return {
      kind: "refused",
      reply: BUSY,
      log: `${from}not in reserve list: connected=${connections.count} max=${limits.max} reserve=${limits.reserve}`,
    };
  }
  if (limits.loadReserve > 0 && asking.load > limits.loadReserve && !asking.reserved) {
    return {
      kind: "refused",
      reply: "Too much load; please try again later.",
      log: `${from}not in reserve list and load average = ${asking.load.toFixed(2)}`,
    };
  }
  const same = connections.of(asking.address);
  if (limits.perHost > 0 && same >= limits.perHost) {
    return {
      kind: "refused",
      reply: "Too many concurrent SMTP connections from this IP address; please try again later.",
      log: `Connection from [${asking.address}] refused: too many connections from that IP address`,
    };
  }
  return { kind: "ok" };
}
