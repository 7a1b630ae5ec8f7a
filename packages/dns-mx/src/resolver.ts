/**
 * The resolver: a question to one of the configured name servers, with a cache in front. It asks, it does not recurse,
 * and it does not interpret: Exim's rules for mail are in `rules.ts` and `finder.ts`. Owns its sockets; never throws.
 */
import { type Clock, type DnsAnswer, type DnsQuestion, type DnsService, type Maybe, type Random, lower } from "@mailkit/sdk";
import { answerOf, type Interpreted } from "./answer.ts";
import { makeTimedCache } from "./cache.ts";
import { encodeQuery, type WireQuestion, type WireReply } from "./codec.ts";
import { fitsWire, isLoopback, mixCase, normalName } from "./names.ts";
import type { NameServer } from "./resolv-conf.ts";
import { exchangeOverTcp } from "./tcp.ts";
import { type Exchange, makeUdpLink, type UdpLink } from "./udp.ts";

export interface ResolverOptions {
  readonly servers: readonly NameServer[];
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds for the first try (`dns_retrans`); each round waits twice as long. Default 5,000. */
  readonly retrans?: number;
  /** Rounds over all servers (`dns_retry`). Default 2. */
  readonly retry?: number;
  /** CNAMEs that are asked for again when the server gave only the alias (`dns_cname_loops`). Default 1. */
  readonly cnameLoops?: number;
  /** `dns_use_edns0`. Default true. */
  readonly edns?: boolean;
  /** The AD bit counts although a server is not on loopback (`options trust-ad`). */
  readonly trustAd?: boolean;
  /** `dns_trust_aa`: answers with the AA bit from this zone count as secure. */
  readonly trustAa?: (zone: string) => boolean;
  readonly rotate?: boolean;
  /** Answers kept. Default 10,000. */
  readonly cacheSize?: number;
  /** Random case of the question's letters; "auto" = not to loopback, where nobody can forge. */
  readonly mixedCase?: "auto" | "always" | "never";
}

export interface Resolver extends DnsService {
  flush(): void;
  close(): void;
}

/** RFC 9520 §3.2: a failure is remembered too, for a short time. */
const FAILURE_SECONDS = 5;
const SICK_MILLISECONDS = 30_000;

interface Server extends NameServer {
  readonly link: UdpLink;
  readonly trusted: boolean;
  readonly mixCase: boolean;
  edns: boolean;
  sickUntil: number;
}

interface State {
  readonly options: ResolverOptions;
  readonly servers: readonly Server[];
  turn: number;
  closed: boolean;
  /** Timers of the exchanges under way, so that `close` can end them. */
  readonly active: Set<AbortController>;
}

export function makeResolver(options: ResolverOptions): Resolver {
  const cache = makeTimedCache<DnsAnswer>(options.cacheSize ?? 10_000);
  const underWay = new Map<string, Promise<DnsAnswer>>();
  const state: State = {
    options,
    servers: options.servers.map((server) => newServer(server, options)),
    turn: 0,
    closed: false,
    active: new Set(),
  };

  const fetch = async ({ key, flight }: { key: string; flight: string }, question: DnsQuestion): Promise<DnsAnswer> => {
    try {
      const answer = await resolveWithAliases(state, question);
      cache.set(key, answer, options.clock.now(), answer.kind === "defer" ? FAILURE_SECONDS : answer.ttl);
      return answer;
    } finally {
      underWay.delete(flight);
    }
  };

  return {
    query(question): Maybe<DnsAnswer> {
      const name = normalName(question.name);
      if (!isAskable(name)) return { kind: "noDomain", secure: false, ttl: 0 };
      const key = `${question.type}${question.dnssec === true ? "+" : " "}${name}`;
      // Who is less patient does not wait for the question of another.
      const flight = `${key} ${question.retransmit ?? ""} ${question.retries ?? ""}`;
      const known = cache.get(key, options.clock.now()) ?? underWay.get(flight);
      if (known !== undefined) return known;
      const promise = fetch({ key, flight }, { ...question, name });
      underWay.set(flight, promise);
      return promise;
    },
    flush: () => cache.clear(),
    close() {
      state.closed = true;
      for (const timer of state.active) timer.abort();
      for (const server of state.servers) server.link.close();
    },
  };
}

function newServer(server: NameServer, options: ResolverOptions): Server {
  const loopback = isLoopback(server.address);
  return {
    ...server,
    link: makeUdpLink(server, options.random),
    trusted: options.trustAd === true || loopback,
    mixCase: options.mixedCase === "always" || (options.mixedCase !== "never" && !loopback),
    edns: options.edns !== false,
    sickUntil: 0,
  };
}

/** Names that do not fit the wire do not exist; octets that are not UTF-8 would not survive the codec. */
function isAskable(name: string): boolean {
  // oxlint-disable-next-line no-control-regex
  if (!/^[\x21-\x7e]*$/.test(name) && Buffer.from(name, "latin1").toString("utf8").includes("\ufffd")) return false;
  return fitsWire(name);
}

/** An answer that holds only the alias is followed by asking for its target (manual §"dns_cname_loops"). */
async function resolveWithAliases(state: State, question: DnsQuestion): Promise<DnsAnswer> {
  let name = question.name;
  let secure = true;
  let ttl = Number.POSITIVE_INFINITY;
  for (let loops = 0; ; loops++) {
    const step = await askServers(state, { ...question, name });
    if (step.kind !== "alias") {
      if (step.kind === "defer") return step;
      return { ...step, secure: step.secure && secure, ttl: Math.min(step.ttl, ttl) };
    }
    if (loops >= (state.options.cnameLoops ?? 1)) return { kind: "noData", secure: false, ttl: Math.min(step.ttl, ttl) };
    name = step.target;
    secure = secure && step.secure;
    ttl = Math.min(ttl, step.ttl);
  }
}

async function askServers(state: State, question: DnsQuestion): Promise<Interpreted> {
  const retrans = question.retransmit ?? state.options.retrans ?? 5000;
  const retry = question.retries ?? state.options.retry ?? 2;
  let failure: DnsAnswer & { kind: "defer" } = { kind: "defer", reason: "timeout", message: "no name server answered" };
  for (let round = 0; round < Math.max(1, retry); round++) {
    for (const server of inOrder(state)) {
      if (state.closed) return { kind: "defer", reason: "timeout", message: "the resolver was closed" };
      const result = await askOne(state, server, { question, wait: Math.min(retrans * 2 ** round, 30_000) });
      if (result.kind !== "defer") return result;
      failure = result;
    }
    // A server that answers SERVFAIL has tried hard itself: asking it again at once changes nothing.
    if (failure.reason === "servfail" || failure.reason === "refused") break;
  }
  return failure;
}

/** Servers that did not answer lately come last. */
function inOrder(state: State): readonly Server[] {
  const { servers } = state;
  if (servers.length === 1) return servers;
  const now = state.options.clock.now();
  const start = state.options.rotate === true ? state.turn++ % servers.length : 0;
  const turned = [...servers.slice(start), ...servers.slice(0, start)];
  const isSick = ({ sickUntil }: Server): boolean => sickUntil > now && sickUntil <= now + SICK_MILLISECONDS;
  return [...turned.filter((server) => !isSick(server)), ...turned.filter(isSick)];
}

interface Attempt {
  readonly question: DnsQuestion;
  readonly wait: number;
}

async function askOne(state: State, server: Server, attempt: Attempt): Promise<Interpreted> {
  const { question } = attempt;
  const result = await exchange(state, server, attempt);
  if (result.kind !== "reply") {
    server.sickUntil = state.options.clock.now() + SICK_MILLISECONDS;
    const why = result.kind === "unreachable" ? result.message : "timed out";
    return { kind: "defer", reason: "timeout", message: `name server ${server.address}: ${why}` };
  }
  server.sickUntil = 0;
  const { reply } = result;
  if (server.edns && (reply.rcode === "FORMERR" || reply.rcode === "NOTIMP")) {
    // RFC 6891 §7: a server from before EDNS.
    server.edns = false;
    return askOne(state, server, attempt);
  }
  const secure = question.dnssec === true && isSecure(reply, server, state.options);
  return answerOf(question, reply, secure);
}

function isSecure(reply: WireReply, server: Server, options: ResolverOptions): boolean {
  if (reply.authentic && server.trusted) return true;
  if (!reply.authoritative || options.trustAa === undefined) return false;
  const zone = reply.answers.length > 0 ? reply.delegation : reply.soa?.zone;
  return zone !== undefined && options.trustAa(lower(zone));
}

/** UDP, then TCP if the answer was cut or the case of the name was not kept; all within `wait`. */
async function exchange(state: State, server: Server, attempt: Attempt): Promise<Exchange> {
  const { clock, random } = state.options;
  const { name, type, dnssec = false } = attempt.question;
  const timer = new AbortController();
  const { signal } = timer;
  state.active.add(timer);
  const sent = server.mixCase ? mixCase(name, random.octets(32)) : name;
  const packet = (id: number, spelled: string) =>
    encodeQuery({ id, name: spelled, type, dnssec, edns: server.edns } satisfies WireQuestion);
  void clock.sleep(attempt.wait, signal).then(() => timer.abort());
  try {
    let spoiled = false;
    const accepts = (reply: WireReply): boolean => {
      if (reply.question === undefined) return reply.truncated || reply.rcode === "FORMERR";
      if (reply.question.type !== type || lower(reply.question.name) !== name) return false;
      spoiled = reply.question.name !== sent;
      return true;
    };
    const first = await server.link.exchange({ packet: (id) => packet(id, sent), accepts, signal });
    if (first.kind !== "reply" || !(first.reply.truncated || spoiled)) return first;
    const id = random.octets(2).readUInt16BE(0);
    const second = await exchangeOverTcp(server, packet(id, name), id, signal);
    return second.kind === "reply" && !(second.reply.question !== undefined && accepts(second.reply))
      ? { kind: "unreachable", message: "an answer to another question" }
      : second;
  } finally {
    state.active.delete(timer);
    timer.abort();
  }
}
