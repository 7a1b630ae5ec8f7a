import type { Envelope, HeaderLine, Progress } from "@mailkit/sdk";
import type { Batch } from "./batch.ts";
import { FLAG, RECORD, RECORD_HEADER } from "./format.ts";

/**
 * Payloads. Text is byte strings written as latin1, so each character is one octet and lengths are known beforehand.
 *
 * message: four u32 lengths (envelope, state, headers, body), then envelope and state as JSON, headers as Exim's -H
 * files have them (`NNNx text`), the body. With an external body its length is that of the file, whose name follows.
 * progress: u8 length of the id, the id, a JSON array of `Progress`.
 */
const MESSAGE_LEAD = 16;

export interface MessageRecord {
  readonly envelope: Envelope;
  /** JSON of `StateSnapshot`, "" for a new message. */
  readonly state: string;
  /** Lines, or the block of octets that an older record has. */
  readonly headers: readonly HeaderLine[] | Buffer;
  readonly body: Buffer | FileBody;
}

export interface FileBody {
  readonly file: string;
  readonly size: number;
}

/** Appends to the batch; the answer is the record's place in it. */
export function putMessage(batch: Batch, message: MessageRecord): { at: number; size: number } {
  const { state, body } = message;
  const envelope = JSON.stringify(message.envelope);
  const headers = Buffer.isBuffer(message.headers) ? message.headers : headersToText(message.headers as readonly HeaderLine[]);
  const inline = Buffer.isBuffer(body);
  const length = MESSAGE_LEAD + envelope.length + state.length + headers.length + (inline ? body.length : body.file.length);
  const at = batch.reserve(RECORD_HEADER + length);
  const { buffer } = batch;
  let offset = at + RECORD_HEADER;
  buffer.writeUInt32LE(envelope.length, offset);
  buffer.writeUInt32LE(state.length, offset + 4);
  buffer.writeUInt32LE(headers.length, offset + 8);
  buffer.writeUInt32LE(inline ? body.length : body.size, offset + 12);
  offset += MESSAGE_LEAD;
  offset += buffer.write(envelope, offset, "latin1");
  if (state !== "") offset += buffer.write(state, offset, "latin1");
  offset += typeof headers === "string" ? buffer.write(headers, offset, "latin1") : headers.copy(buffer, offset);
  if (inline) body.copy(buffer, offset);
  else buffer.write(body.file, offset, "latin1");
  batch.seal(at, { type: RECORD.message, flags: inline ? 0 : FLAG.externalBody, length });
  return { at, size: RECORD_HEADER + length };
}

export function putProgress(batch: Batch, id: string, progress: readonly Progress[], last: boolean): number {
  const json = JSON.stringify(progress);
  const length = 1 + id.length + json.length;
  const at = batch.reserve(RECORD_HEADER + length);
  const { buffer } = batch;
  const offset = at + RECORD_HEADER;
  buffer[offset] = id.length;
  buffer.write(id, offset + 1, "latin1");
  buffer.write(json, offset + 1 + id.length, "latin1");
  batch.seal(at, { type: RECORD.progress, flags: last ? FLAG.last : 0, length });
  return RECORD_HEADER + length;
}

export interface MessageLayout {
  readonly id: string;
  /** JSON of the envelope. */
  readonly envelope: string;
  readonly state: string;
  readonly headersAt: number;
  readonly bodyAt: number;
  readonly bodyLength: number;
  readonly file: string | undefined;
}

/** Throws on nonsense: callers have checked the crc, and treat a throw as corruption. */
export function readMessage(payload: Buffer, externalBody: boolean): MessageLayout {
  const envelopeLength = payload.readUInt32LE(0);
  const stateLength = payload.readUInt32LE(4);
  const headersLength = payload.readUInt32LE(8);
  const bodyLength = payload.readUInt32LE(12);
  const stateAt = MESSAGE_LEAD + envelopeLength;
  const headersAt = stateAt + stateLength;
  const bodyAt = headersAt + headersLength;
  if (bodyAt > payload.length || (!externalBody && bodyAt + bodyLength !== payload.length)) throw new Error("lengths do not fit");
  return {
    id: idIn(payload, stateAt),
    envelope: payload.toString("latin1", MESSAGE_LEAD, stateAt),
    state: payload.toString("latin1", stateAt, headersAt),
    headersAt,
    bodyAt,
    bodyLength,
    file: externalBody ? payload.toString("latin1", bodyAt, payload.length) : undefined,
  };
}

const ID_FIRST = Buffer.from('{"id":"', "latin1");
const ID_LEAD = ID_FIRST.readUInt32LE(0);
const ID_TAIL = ID_FIRST.readUInt32LE(ID_FIRST.length - 4);
const QUOTE = 34;

/** Of the message of a record. Envelopes are written with their id first: it is found without reading the rest. */
export function idOfMessage(payload: Buffer): string {
  return idIn(payload, MESSAGE_LEAD + payload.readUInt32LE(0));
}

function idIn(payload: Buffer, envelopeEnd: number): string {
  const from = MESSAGE_LEAD + ID_FIRST.length;
  const to = payload.indexOf(QUOTE, from);
  if (to > from && to < envelopeEnd && payload.readUInt32LE(MESSAGE_LEAD) === ID_LEAD && payload.readUInt32LE(from - 4) === ID_TAIL)
    return payload.toString("latin1", from, to);
  return (JSON.parse(payload.toString("latin1", MESSAGE_LEAD, envelopeEnd)) as Envelope).id;
}

/** `progress` is JSON of `Progress[]`. */
export function readProgress(payload: Buffer): { id: string; progress: string } {
  const idLength = payload[0] as number;
  return {
    id: payload.toString("latin1", 1, 1 + idLength),
    progress: payload.toString("latin1", 1 + idLength, payload.length),
  };
}

/** `038T To: x`, one after the other: manual §"Format of the -H file". */
export function headersToText(headers: readonly HeaderLine[]): string {
  let text = "";
  for (const header of headers) {
    const length = header.text.length;
    text += `${length < 10 ? "00" : length < 100 ? "0" : ""}${length}${header.type} ${header.text}`;
  }
  return text;
}

export function headersFromText(text: string): HeaderLine[] {
  const headers: HeaderLine[] = [];
  let at = 0;
  while (at < text.length) {
    let length = 0;
    let c = text.charCodeAt(at);
    const start = at;
    for (; c >= 48 && c <= 57; c = text.charCodeAt(++at)) length = length * 10 + c - 48;
    if (at === start || at + 2 + length > text.length) throw new Error("malformed header block");
    headers.push({ type: text[at] as string, text: text.slice(at + 2, at + 2 + length) });
    at += 2 + length;
  }
  return headers;
}
