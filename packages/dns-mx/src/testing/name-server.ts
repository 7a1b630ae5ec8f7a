/** A name server for tests, on loopback: zone data as plain records, and the ways in which servers misbehave. */
import { createSocket, type Socket } from "node:dgram";
import { createServer, type Server, type Socket as NetSocket } from "node:net";
import { type Answer, decode, encode, type Question, streamEncode } from "dns-packet";

export interface ZoneAnswer {
  readonly rcode?: number;
  readonly answers?: readonly Answer[];
  readonly authorities?: readonly Answer[];
  readonly ad?: boolean;
  readonly aa?: boolean;
  /** UDP only: says that the answer was cut. */
  readonly truncate?: boolean;
  readonly silent?: boolean;
  /** TCP only: closes instead; says the beginning of the answer and no more. */
  readonly hangUp?: boolean;
  readonly half?: boolean;
  /** Spoils the reply before it goes out. */
  readonly spoil?: (reply: Buffer) => Buffer | readonly Buffer[];
  readonly lowerCase?: boolean;
}

export type Zone = (name: string, type: string, via: "udp" | "tcp") => ZoneAnswer;

export interface TestNameServer {
  readonly port: number;
  readonly asked: {
    readonly name: string;
    readonly type: string;
    readonly via: "udp" | "tcp";
    readonly port: number;
    readonly ad: boolean;
    readonly do: boolean;
  }[];
  close(): Promise<void>;
}

export async function startNameServer(zone: Zone): Promise<TestNameServer> {
  const asked: TestNameServer["asked"] = [];
  const { udp, tcp, port } = await openBoth();
  const sockets = new Set<NetSocket>();
  const zoneFor = (octets: Buffer): ZoneAnswer => {
    const question = decode(octets).questions?.[0] as Question;
    return zone(question.name.toLowerCase(), question.type, "tcp");
  };
  const reply = (octets: Buffer, via: "udp" | "tcp", port: number): Buffer[] => {
    const query = decode(octets);
    const question = query.questions?.[0] as Question;
    const opt = query.additionals?.find((record) => record.type === "OPT") as { flag_do?: boolean } | undefined;
    asked.push({ name: question.name, type: question.type, via, port, ad: query.flag_ad, do: opt?.flag_do === true });
    const answer = zone(question.name.toLowerCase(), question.type, via);
    if (answer.silent === true) return [];
    const spelled = answer.lowerCase === true && via === "udp" ? { ...question, name: question.name.toLowerCase() } : question;
    const cut = answer.truncate === true && via === "udp";
    const packet = encode({
      type: "response",
      id: query.id ?? 0,
      flags: 0x0180 | (answer.rcode ?? 0) | (answer.ad === true ? 0x20 : 0) | (answer.aa === true ? 0x400 : 0) | (cut ? 0x200 : 0),
      questions: [spelled],
      answers: cut ? [] : [...(answer.answers ?? [])],
      authorities: [...(answer.authorities ?? [])],
    });
    const out = answer.spoil === undefined ? packet : answer.spoil(packet);
    return Array.isArray(out) ? [...(out as readonly Buffer[])] : [out as Buffer];
  };
  udp.on("message", (octets, from) => {
    for (const packet of reply(octets, "udp", from.port)) udp.send(packet, from.port, from.address);
  });
  tcp.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", (octets: Buffer) => {
      const { hangUp, half } = zoneFor(octets.subarray(2));
      if (hangUp === true) return void socket.end();
      for (const packet of reply(octets.subarray(2), "tcp", socket.remotePort ?? 0)) {
        const framed = streamEncode(decode(packet));
        // In two pieces: the reader has to put them together.
        socket.write(framed.subarray(0, 5), () => half === true || socket.end(framed.subarray(5)));
      }
    });
  });
  return { port, asked, close: () => closeAll(udp, tcp, sockets) };
}

/** One port for both. A port that one of them may have can be somebody else's for the other. */
async function openBoth(): Promise<{ udp: Socket; tcp: Server; port: number }> {
  for (;;) {
    const udp = createSocket("udp4");
    await new Promise<void>((done) => udp.bind(0, "127.0.0.1", done));
    const { port } = udp.address();
    const tcp = createServer();
    const free = await new Promise<boolean>((done) => {
      tcp.once("error", () => done(false));
      tcp.listen(port, "127.0.0.1", () => done(true));
    });
    if (free) return { udp, tcp, port };
    udp.close();
  }
}

async function closeAll(udp: Socket, tcp: Server, sockets: ReadonlySet<NetSocket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((done) => udp.close(done));
  await new Promise<void>((done) => tcp.close(() => done()));
}
