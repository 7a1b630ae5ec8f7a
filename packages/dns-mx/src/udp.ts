/**
 * Questions over UDP to one name server. Each socket is connected (the kernel drops what comes from elsewhere), has a
 * source port that the system chose at random, and is retired after some uses, so that a forger has to guess port and
 * id. An idle socket never keeps the process alive.
 */
import { createSocket, type Socket } from "node:dgram";
import { isIP } from "node:net";
import type { Random } from "@mailkit/sdk";
import { decodeReply, type WireReply } from "./codec.ts";
import type { NameServer } from "./resolv-conf.ts";

export type Exchange =
  | { readonly kind: "reply"; readonly reply: WireReply }
  | { readonly kind: "unreachable"; readonly message: string }
  | { readonly kind: "aborted" };

export interface UdpRequest {
  /** Makes the packet once its id is known. */
  readonly packet: (id: number) => Buffer;
  /** Is this the answer to the question that was put? Others are ignored, as forged or late. */
  readonly accepts: (reply: WireReply) => boolean;
  readonly signal: AbortSignal;
}

export interface UdpLink {
  exchange(request: UdpRequest): Promise<Exchange>;
  close(): void;
}

const MAX_SOCKETS = 64;
const MAX_USES = 256;
/** Questions under way on one socket before another one is opened. */
const COMFORTABLE = 4;
const MAX_DATAGRAM = 4096;

interface Channel {
  readonly socket: Socket;
  readonly connected: Promise<string | undefined>;
  readonly pending: Map<number, Waiter>;
  uses: number;
}

interface Waiter {
  readonly accepts: UdpRequest["accepts"];
  readonly settle: (result: Exchange) => void;
}

export function makeUdpLink(server: NameServer, random: Random): UdpLink {
  let channels: Channel[] = [];

  const retire = (channel: Channel) => {
    channels = channels.filter((other) => other !== channel);
    if (channel.pending.size === 0) closeQuietly(channel.socket);
  };

  const pick = (): Channel => {
    const usable = channels.filter((channel) => channel.uses < MAX_USES);
    const calm = usable.filter((channel) => channel.pending.size < COMFORTABLE);
    if (calm.length > 0) return calm[random.below(calm.length)] as Channel;
    if (channels.length < MAX_SOCKETS || usable.length === 0) {
      const channel = openChannel(server, retire);
      channels.push(channel);
      return channel;
    }
    return usable[random.below(usable.length)] as Channel;
  };

  return {
    async exchange(request) {
      if (request.signal.aborted) return { kind: "aborted" };
      const channel = pick();
      channel.uses++;
      const result = await exchangeOn(channel, request, random);
      if (channel.pending.size === 0) {
        channel.socket.unref();
        if (channel.uses >= MAX_USES) retire(channel);
      }
      return result;
    },
    close() {
      for (const channel of channels) {
        for (const waiter of channel.pending.values()) waiter.settle({ kind: "aborted" });
        closeQuietly(channel.socket);
      }
      channels = [];
    },
  };
}

async function exchangeOn(channel: Channel, request: UdpRequest, random: Random): Promise<Exchange> {
  let id = random.octets(2).readUInt16BE(0);
  while (channel.pending.has(id)) id = (id + 1) & 0xffff;
  const { promise, resolve } = Promise.withResolvers<Exchange>();
  const abort = () => resolve({ kind: "aborted" });
  channel.pending.set(id, { accepts: request.accepts, settle: resolve });
  request.signal.addEventListener("abort", abort, { once: true });
  try {
    const fault = await channel.connected;
    if (fault !== undefined) return { kind: "unreachable", message: fault };
    channel.socket.ref();
    channel.socket.send(request.packet(id), (error) => {
      if (error !== null) resolve({ kind: "unreachable", message: error.message });
    });
    return await promise;
  } catch (error) {
    // send() throws when the socket was closed by an error in between.
    return { kind: "unreachable", message: (error as Error).message };
  } finally {
    channel.pending.delete(id);
    request.signal.removeEventListener("abort", abort);
  }
}

function openChannel(server: NameServer, retire: (channel: Channel) => void): Channel {
  const socket = createSocket(isIP(server.address) === 6 ? "udp6" : "udp4");
  const pending = new Map<number, Waiter>();
  const { promise: connected, resolve } = Promise.withResolvers<string | undefined>();
  const channel: Channel = { socket, connected, pending, uses: 0 };
  socket.on("message", (octets) => receive(octets, pending));
  // ECONNREFUSED and the like, reported by the kernel for a connected socket: every question on it is lost.
  socket.on("error", (error) => {
    resolve(error.message);
    for (const waiter of pending.values()) waiter.settle({ kind: "unreachable", message: error.message });
    retire(channel);
    closeQuietly(socket);
  });
  // An event, not a callback: for a failing connect with a callback dgram emits nothing.
  socket.once("connect", () => resolve(undefined));
  socket.connect(server.port, server.address);
  socket.unref();
  return channel;
}

function receive(octets: Buffer, pending: ReadonlyMap<number, Waiter>): void {
  if (octets.length < 12 || octets.length > MAX_DATAGRAM) return;
  const waiter = pending.get(octets.readUInt16BE(0));
  if (waiter === undefined) return;
  const reply = decodeReply(octets);
  if (reply !== undefined && waiter.accepts(reply)) waiter.settle({ kind: "reply", reply });
}

function closeQuietly(socket: Socket): void {
  try {
    socket.close();
  } catch {
    // Closed already.
  }
}
